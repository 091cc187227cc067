"""Tables -> arrays (`interactions`), and the published lists -> offers (`offers`, which loads no numerical
library)."""
