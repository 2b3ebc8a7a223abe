"""Operators that do what a camera does between the light and the picture."""
