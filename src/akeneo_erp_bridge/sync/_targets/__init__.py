"""Where changes go: one target for each kind of thing in the PIM."""
