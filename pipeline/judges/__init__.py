"""The judges: one judge, one file. Files here are found by themselves."""
