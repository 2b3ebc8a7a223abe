"""Verify, replay, describe, judge, convert, sample, split and merge finished datasets."""
