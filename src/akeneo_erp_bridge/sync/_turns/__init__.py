"""The turns of a schedule: when they come, and what is remembered of them."""
