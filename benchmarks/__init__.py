"""Speed, always against a peer in the same run, in turns: what a machine does besides slows both alike.

`python -m benchmarks` runs all of them; `--only NAME,NAME` some; `--json` ends with one object in the command line's schema.
"""
