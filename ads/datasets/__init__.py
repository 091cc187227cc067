"""Tables -> arrays for planning the advertising budget. Every function takes `as_of`: later reports do not
exist."""
