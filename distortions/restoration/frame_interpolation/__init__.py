"""The middle frame of a motion, made from the frames before and after."""
