"""What pages and the API show alike."""
