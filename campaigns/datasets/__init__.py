"""Tables -> who a campaign reaches and what they bought; each with set-based statements."""
