"""Plan triplets from a recipe, without pixels."""
