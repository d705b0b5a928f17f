"""Speed, always against a peer in the same run, in turns: what a machine does besides slows both alike.

`python -m benchmarks` runs all of them, `--only NAME,NAME` some of them; with `--json` the last line is one object in
the command line's schema.
"""

from descend.blas import hold_to_one_thread

hold_to_one_thread()  # before anything here imports NumPy
