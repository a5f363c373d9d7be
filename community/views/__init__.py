"""Views of the people floor."""
