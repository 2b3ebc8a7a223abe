"""Recipes: what to make."""
