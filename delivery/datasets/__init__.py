"""Facts that decide who may be written to."""
