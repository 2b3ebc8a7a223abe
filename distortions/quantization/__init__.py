"""Operators that leave fewer levels and fewer colours."""
