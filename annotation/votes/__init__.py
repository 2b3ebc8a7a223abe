"""Votes become a labelling, go out to other tools, and come in from them."""
