"""Tables -> arrays, one file a topic; every function takes `as_of`."""
