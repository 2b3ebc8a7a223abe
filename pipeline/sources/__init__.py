"""Photographs: found, decoded, indexed, divided between train and val."""
