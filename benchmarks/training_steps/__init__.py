"""What does a whole training step cost, compiled, beside PyTorch? Forward, backward and Adam, on eight networks.

Each network is written once, for whichever library it is given: PyTorch's names are ours. Each peer is a process of its
own and only one of them works at a time, in turns. All begin with the same weights and must give the same first losses.
Every process may use all cores. Run: python -m benchmarks.training_steps --only mlp,lenet --json
"""
