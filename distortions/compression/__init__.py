"""Operators that compress."""
