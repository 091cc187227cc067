"""Everything that changes the world of campaigns, one verb a function."""
