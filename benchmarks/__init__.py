"""Ratios measured side by side in one run: what our code takes against the bare library or database doing the
same.

A module here defines `ROWS`, the names of its rows, and `run() -> list[dict]`, which returns them
(`benchmarks.pairs.row`). It starts with an empty, migrated database of its own and may fill it as it likes.
`python -m benchmarks [NAME ...]`.
"""
