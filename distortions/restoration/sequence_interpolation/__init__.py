"""A frame of a sequence, made from the real frames before and after."""
