"""Views of the money floor."""
