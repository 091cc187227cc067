"""What pages and the API word alike, one file a topic."""
