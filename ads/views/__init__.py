"""Pages about ads, one file a topic."""
