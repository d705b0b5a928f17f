"""The exercises, a folder each: eNN_name, where NN is the number that the learner sees."""
