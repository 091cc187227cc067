"""Filling a shop with invented facts, and emptying it again."""
