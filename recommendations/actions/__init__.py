"""What changes recommendations, one file a topic."""
