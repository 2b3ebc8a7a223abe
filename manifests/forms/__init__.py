"""The forms in which a dataset stores its items."""
