"""Pages of recommendations, one file a topic."""
