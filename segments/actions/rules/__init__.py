"""Segments by rule: drafts, saving, evaluation, sizes, and keeping up with what arrives.

Everything that writes members holds one lock (`locks`), so that of two evaluations the later one sees all
that the earlier one saw.
"""
