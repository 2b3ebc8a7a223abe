"""From a recipe to planned triplets; no pixel is touched."""
