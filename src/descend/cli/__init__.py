"""The `descend` command: reads arguments, calls the other parts, prints what they return."""
