"""Operators that add noise and patterns."""
