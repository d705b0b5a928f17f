"""The MNIST networks of the deeplearning.net tutorials (LISA lab, Montréal), a file each."""
