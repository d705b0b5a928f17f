"""What the names of Keras and PyTorch are here, for those who look for them."""

from __future__ import annotations

ELSEWHERE = {
    "Dense": "Linear",
    "Conv2D": "Conv2d",
    "Convolution2D": "Conv2d",
    "MaxPooling2D": "MaxPool2d",
    "MaxPool2D": "MaxPool2d",
    "AveragePooling2D": "AvgPool2d",
    "AvgPool2D": "AvgPool2d",
    "BatchNormalization": "nn.BatchNorm1d for vectors, nn.BatchNorm2d for images",
    "BatchNorm": "nn.BatchNorm1d for vectors, nn.BatchNorm2d for images",
    "Model": "Module",
    "Layer": "Module",
    "Activation": "name it: nn.ReLU(), nn.Tanh(), nn.Sigmoid() or nn.Softmax()",
    "SparseCategoricalCrossentropy": "CrossEntropyLoss",
    "CategoricalCrossentropy": "nn.CrossEntropyLoss takes class numbers: one_hot.argmax(1)",
    "MeanSquaredError": "MSELoss",
    "LayerNormalization": "LayerNorm",
    "GlobalAveragePooling2D": "nn.GlobalPool()",
    "UpSampling2D": "nn.Upsample(scale_factor=2)",
    "SpatialDropout2D": "Dropout2d",
    "SimpleRNN": "RNN",
    "SeparableConv2D": "SeparableConv2d",
    "Lambda": "write a module whose forward() calls the function: class Twice(nn.Module)",
    "BinaryCrossentropy": "leave the sigmoid out of the model, and use nn.binary_cross_entropy_with_logits",
    "relu": "nn.ReLU() is a layer; x.relu() is the function",
    "tanh": "nn.Tanh() is a layer; x.tanh() is the function",
    "sigmoid": "nn.Sigmoid() is a layer; x.sigmoid() is the function",
    "softmax": "Softmax",
    "Adam": "the optimisers are in descend.optim: optim.Adam(model.parameters())",
    "SGD": "the optimisers are in descend.optim: optim.SGD(model.parameters(), lr=0.1)",
    "Tensor": "it is descend.Tensor",
    "utils": "nn.pack_padded_sequence and the like are in descend.nn; optim.clip_grad_norm_ is in descend.optim",
    "BCEWithLogits": "BCEWithLogitsLoss",
}
"""For each such name, what it is here: a name of `descend.nn`, or a sentence."""

INITIALISERS = {
    "calculate_gain": "gain", "constant_": "constant", "dirac_": "dirac", "eye_": "eye", "kaiming_normal_": "he_normal",
    "kaiming_uniform_": "he_uniform", "normal_": "normal", "ones_": "ones", "orthogonal_": "orthogonal",
    "sparse_": "sparse", "trunc_normal_": "truncated_normal", "uniform_": "uniform", "xavier_normal_": "glorot_normal",
    "xavier_uniform_": "glorot_uniform", "zeros_": "zeros",
}  # fmt: skip
"""PyTorch's names of initialisers, and ours."""

HABITS = dict.fromkeys(("cpu", "cuda"), "leave it out: everything computes on the CPU") | {
    "add_module": "setattr(model, name, module)",
    "get_parameter": "dict(model.named_parameters())",
    "get_submodule": "dict(model.named_modules())[name]",
    "half": "model.float(): networks compute in float32 or float64",
    "register_full_backward_hook": "x.register_hook(function) of a tensor x",
    "register_parameter": "setattr(model, name, nn.Parameter(values))",
}
"""What is written here for a method of PyTorch's modules."""
