#!/usr/bin/env python3
"""Writes the golden files of this folder with PyTorch in float64: `python make_goldens.py [folder]`.

Inputs, float targets and initial parameters are float32 numbers, so that engines of either precision
start from exactly the same point. README.md tells what the files hold.
"""

import copy
import pathlib
import sys

import h5py
import numpy as np
import torch
from torch import nn
from torch.nn import functional

STEPS = 10
BATCH = 64


class Golden:
    """An HDF5 file without time stamps: equal content, equal bytes."""

    def __init__(self, path):
        self.file = h5py.File(path, "w", libver=("v110", "v110"))
        self.file.attrs["made_with"] = f"PyTorch {torch.__version__.split('+')[0]}"

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.file.close()

    def put(self, name, values, **attributes):
        """Integers become int32, everything else float64."""
        if isinstance(values, torch.Tensor):
            values = values.detach().numpy()
        values = np.ascontiguousarray(values)
        values = values.astype(np.int32 if values.dtype.kind == "i" else np.float64)
        dataset = self.file.create_dataset(
            name, data=values, compression="gzip", compression_opts=9, shuffle=True)
        dataset.attrs.update(attributes)


def uniform(generator, shape, low=-1.0, high=1.0):
    """Float32 numbers, held as float64."""
    values = generator.uniform(low, high, shape).astype(np.float32)
    return torch.from_numpy(values.astype(np.float64))


def pixels(generator, shape):
    """Multiples of 1/256 in [0, 1): grey levels, and they compress well."""
    return torch.from_numpy(generator.integers(0, 256, shape) / 256.0)


def channels_first(images):
    return images.permute(0, 3, 1, 2)


def channels_last(images):
    return images.permute(0, 2, 3, 1)


# Whole networks


def named_parameters(network):
    """(dense1/weight, tensor) and so on: kind and running number, in the order of the layers."""
    counts = {"dense": 0, "conv": 0}
    for layer in network:
        if isinstance(layer, (nn.Linear, nn.Conv2d)):
            kind = "dense" if isinstance(layer, nn.Linear) else "conv"
            counts[kind] += 1
            yield f"{kind}{counts[kind]}/weight", layer.weight
            yield f"{kind}{counts[kind]}/bias", layer.bias


def initialise(network, generator):
    """He's uniform bound for weights; small biases, so that their part shows."""
    for name, parameter in named_parameters(network):
        bound = 0.1 if name.endswith("bias") else (6 / parameter[0].numel()) ** 0.5
        parameter.data = uniform(generator, tuple(parameter.shape), -bound, bound)


def train(network, criterion, make_optimizer, inputs, targets):
    """Losses before each step and after the last, first gradients and final parameters, all in float64."""
    network = copy.deepcopy(network).to(inputs.dtype)
    optimizer = make_optimizer(network.parameters())
    losses, gradients = [], None
    for _ in range(STEPS):
        optimizer.zero_grad()
        loss = criterion(network(inputs), targets)
        loss.backward()
        gradients = gradients or {n: p.grad.double().clone() for n, p in named_parameters(network)}
        optimizer.step()
        losses.append(loss.item())
    losses.append(criterion(network(inputs), targets).item())
    return losses, gradients, {n: p.detach().double() for n, p in named_parameters(network)}


def float32_errors(network, criterion, make_optimizer, inputs, targets, losses, final):
    """The worst of four float32 runs that differ only in the order of the samples, that is in rounding."""
    loss_error, errors = 0.0, dict.fromkeys(final, 0.0)
    for seed in range(4):
        order = np.random.default_rng(seed).permutation(len(inputs)) if seed else np.arange(len(inputs))
        wanted = targets[order].float() if targets.is_floating_point() else targets[order]
        run = train(network, criterion, make_optimizer, inputs[order].float(), wanted)
        loss_error = max(loss_error, *(abs(a / b - 1) for a, b in zip(run[0], losses)))
        for name, exact in final.items():
            error = torch.linalg.norm(run[2][name] - exact) / torch.linalg.norm(exact)
            errors[name] = max(errors[name], error.item())
    return loss_error, errors


def write_network(path, network, criterion, make_optimizer, inputs, targets, stored_inputs=None):
    losses, gradients, final = train(network, criterion, make_optimizer, inputs, targets)
    loss_error, errors = float32_errors(
        network, criterion, make_optimizer, inputs, targets, losses, final)
    with Golden(path) as golden:
        golden.put("input", inputs if stored_inputs is None else stored_inputs)
        golden.put("targets" if targets.is_floating_point() else "labels", targets)
        for name, parameter in named_parameters(network):
            golden.put(f"initial/{name}", parameter)
            golden.put(f"gradient/{name}", gradients[name])
            golden.put(f"final/{name}", final[name], float32_final_error=errors[name])
        golden.put("loss", losses, float32_error=loss_error)


def adam(parameters):
    return torch.optim.Adam(parameters, lr=1e-3)


def momentum(parameters):
    return torch.optim.SGD(parameters, lr=0.05, momentum=0.9)


def mlp():
    return nn.Sequential(nn.Linear(784, 32), nn.ReLU(), nn.Linear(32, 10))


def conv():
    return nn.Sequential(
        nn.Conv2d(1, 8, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2),
        nn.Conv2d(8, 16, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2),
        nn.Flatten(), nn.Linear(784, 32), nn.ReLU(), nn.Linear(32, 10))


def regression():
    return nn.Sequential(
        nn.Linear(20, 16), nn.Tanh(), nn.Linear(16, 12), nn.Sigmoid(), nn.Linear(12, 5))


def write_networks(folder):
    generator = np.random.default_rng(1)
    labels = torch.from_numpy(generator.integers(0, 10, BATCH))

    network, inputs = mlp().double(), pixels(generator, (BATCH, 784))
    initialise(network, generator)
    write_network(folder / "mlp.h5", network, nn.CrossEntropyLoss(), adam, inputs, labels)
    write_network(folder / "mlp_momentum.h5", network, nn.CrossEntropyLoss(), momentum, inputs, labels)

    network, images = conv().double(), pixels(generator, (BATCH, 28, 28, 1))
    initialise(network, generator)
    write_network(
        folder / "conv.h5", network, nn.CrossEntropyLoss(), adam, channels_first(images), labels,
        stored_inputs=images)

    network, inputs = regression().double(), uniform(generator, (BATCH, 20))
    initialise(network, generator)
    targets = uniform(generator, (BATCH, 5))
    write_network(folder / "regression.h5", network, nn.MSELoss(), adam, inputs, targets)


# Single operations

# name: height, width, channels in and out, kernel, stride, padding, dilation, groups
CONVOLUTIONS = {
    "plain_3x3": (7, 7, 3, 4, (3, 3), 1, 0, 1, 1),
    "same_3x3": (7, 9, 3, 4, (3, 3), 1, 1, 1, 1),
    "one_channel": (11, 5, 1, 6, (3, 3), 1, 1, 1, 1),
    "pointwise": (5, 7, 6, 3, (1, 1), 1, 0, 1, 1),
    "pointwise_stride_2": (7, 7, 4, 6, (1, 1), 2, 0, 1, 1),
    "stride_2": (9, 7, 2, 3, (3, 3), 2, 0, 1, 1),
    "stride_2_padded": (8, 11, 3, 5, (3, 3), 2, 1, 1, 1),
    "dilation_2": (9, 8, 2, 4, (3, 3), 1, 0, 2, 1),
    "dilation_2_padded": (7, 7, 3, 2, (3, 3), 1, 1, 2, 1),
    "groups_2": (7, 5, 4, 6, (3, 3), 1, 1, 1, 2),
    "depthwise": (6, 7, 5, 5, (3, 3), 1, 1, 1, 5),
    "oblong_kernel": (7, 10, 2, 3, (5, 2), 1, 1, 1, 1),
    "everything": (11, 13, 4, 8, (3, 3), 2, 1, 2, 2),
    "seventeen_channels": (5, 5, 17, 19, (3, 3), 1, 1, 1, 1),
}

# name: height, width, channels, window, stride, padding
MAX_POOLS = {
    "window_2": (6, 8, 3, 2, 2, 0),
    "odd_size": (7, 5, 2, 2, 2, 0),
    "overlapping": (7, 7, 3, 3, 2, 0),
    "overlapping_padded": (8, 7, 2, 3, 2, 1),
    "stride_1": (5, 6, 17, 2, 1, 0),
}


def write_convolutions(golden, generator):
    for name, shape in CONVOLUTIONS.items():
        height, width, channels, filters, kernel, stride, padding, dilation, groups = shape
        images = uniform(generator, (3, height, width, channels))
        weight = uniform(generator, (filters, channels // groups, *kernel)).requires_grad_()
        inputs = channels_first(images).requires_grad_()
        output = functional.conv2d(
            inputs, weight, stride=stride, padding=padding, dilation=dilation, groups=groups)
        gradient = uniform(generator, tuple(channels_last(output).shape))
        output.backward(channels_first(gradient))

        case = f"convolution/{name}"
        golden.put(f"{case}/input", images)
        golden.put(f"{case}/weight", weight)
        golden.put(f"{case}/output", channels_last(output))
        golden.put(f"{case}/output_gradient", gradient)
        golden.put(f"{case}/input_gradient", channels_last(inputs.grad))
        golden.put(f"{case}/weight_gradient", weight.grad)
        golden.file[case].attrs.update(
            stride=stride, padding=padding, dilation=dilation, groups=groups)


def write_max_pools(golden, generator):
    """Inputs are integers from -2 to 2, so that many windows hold ties: the first in row-major order wins."""
    for name, (height, width, channels, window, stride, padding) in MAX_POOLS.items():
        images = torch.from_numpy(generator.integers(-2, 3, (3, height, width, channels))).double()
        inputs = channels_first(images).contiguous().requires_grad_()
        output = functional.max_pool2d(inputs, window, stride, padding)
        gradient = uniform(generator, tuple(channels_last(output).shape))
        output.backward(channels_first(gradient))

        case = f"max_pool/{name}"
        golden.put(f"{case}/input", images)
        golden.put(f"{case}/output", channels_last(output))
        golden.put(f"{case}/output_gradient", gradient)
        golden.put(f"{case}/input_gradient", channels_last(inputs.grad))
        golden.file[case].attrs.update(window=window, stride=stride, padding=padding)


def write_softmaxes(golden, generator):
    for name, scale in {"moderate": 3, "extreme": 1000}.items():
        logits = uniform(generator, (16, 11), -scale, scale)
        labels = torch.from_numpy(generator.integers(0, 11, 16))

        inputs = logits.clone().requires_grad_()
        output = functional.softmax(inputs, dim=1)
        gradient = uniform(generator, (16, 11))
        output.backward(gradient)
        golden.put(f"softmax/{name}/input", logits)
        golden.put(f"softmax/{name}/output", output)
        golden.put(f"softmax/{name}/output_gradient", gradient)
        golden.put(f"softmax/{name}/input_gradient", inputs.grad)

        for smoothing in (0.0, 0.1):
            inputs = logits.clone().requires_grad_()
            loss = functional.cross_entropy(inputs, labels, label_smoothing=smoothing)
            loss.backward()
            case = f"cross_entropy/{name}" + ("_smoothed" if smoothing else "")
            golden.put(f"{case}/input", logits)
            golden.put(f"{case}/labels", labels)
            golden.put(f"{case}/loss", [loss.item()])
            golden.put(f"{case}/input_gradient", inputs.grad)
            golden.file[case].attrs["label_smoothing"] = smoothing


def write_operations(folder):
    generator = np.random.default_rng(2)
    with Golden(folder / "operations.h5") as golden:
        write_convolutions(golden, generator)
        write_max_pools(golden, generator)
        write_softmaxes(golden, generator)


if __name__ == "__main__":
    destination = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else __file__).resolve()
    destination = destination if destination.is_dir() else destination.parent
    torch.set_num_threads(1)
    write_networks(destination)
    write_operations(destination)
