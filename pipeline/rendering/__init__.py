"""Render planned triplets: from a record and its photograph to pixels."""
