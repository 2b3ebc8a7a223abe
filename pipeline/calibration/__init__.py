"""Fit severities: equal severity of two operators, at any patch size, means about equal disturbance."""
