"""Operators that change tone and colour, pixel by pixel."""
