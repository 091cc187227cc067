"""Everything that changes the world of ads, one verb a function."""
