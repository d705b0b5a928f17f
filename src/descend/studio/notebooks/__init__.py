"""What the notebook of each lab says: the same computation as the lab's, in code to be changed."""
