"""The pages of segments, one file a topic."""
