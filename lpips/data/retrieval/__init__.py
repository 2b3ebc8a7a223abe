"""Labelled pairs of a query and a candidate."""
