"""Exercise 0: the line that moves the parameters."""
