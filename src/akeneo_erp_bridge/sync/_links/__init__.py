"""Links between items: before they are sent, when their targets come late, and when those are deleted."""
