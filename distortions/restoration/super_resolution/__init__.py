"""Reduce a patch, and enlarge it again by an algorithm."""
