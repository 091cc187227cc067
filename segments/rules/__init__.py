"""Rules: a checked tree, the catalogue of its fields, and the one statement it becomes."""
