"""Rules made of rules, and rules that come from no field alone."""
