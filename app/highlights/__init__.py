"""Highlights: stories kept on a profile."""
