"""Operators that remove detail."""
