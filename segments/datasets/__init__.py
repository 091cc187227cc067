"""Tables -> arrays, one file a topic; every function that reads facts of a moment takes `as_of`."""
