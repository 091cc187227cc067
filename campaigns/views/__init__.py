"""The pages of campaigns, one file a topic."""
