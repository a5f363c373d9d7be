"""Views of the site floor."""
