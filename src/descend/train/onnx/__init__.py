"""ONNX files of models: the forward pass as a graph of standard operators, for other programs to run."""

from descend.train.onnx.export import export_onnx

__all__ = ["export_onnx"]
