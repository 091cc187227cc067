"""Rules: a checked tree, the catalogue of what it may ask, and the one statement it becomes."""
