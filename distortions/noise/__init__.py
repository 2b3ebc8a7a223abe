"""Operators that add what was not there."""
