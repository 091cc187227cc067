"""Everything that changes the world of segments, one file a topic."""
