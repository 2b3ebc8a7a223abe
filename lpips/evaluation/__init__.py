"""Scoring metrics on judgments, with reports."""
