"""Operators that lose resolution, or overdo it."""
