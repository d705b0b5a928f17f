"""Experiments, one file each: data, model, method, numbers and the result they must reach."""
