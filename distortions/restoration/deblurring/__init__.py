"""Blur a patch by motion or defocus, and deblur it again by an algorithm."""
