"""Operators that put something between the scene and the viewer."""
