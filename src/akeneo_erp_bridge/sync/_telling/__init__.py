"""How people and programs are told of runs."""
