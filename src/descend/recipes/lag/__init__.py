"""Remembering over a lag: the task that a long short-term memory solves and a simple recurrence does not."""
