"""A user's own network, watched while their own program trains it: see `show.show`."""
