"""What pages, the API and actions show alike."""
