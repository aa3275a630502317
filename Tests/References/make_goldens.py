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


class Layers(nn.Sequential):
    """Layers one after the other, each an (unnamed) module or a (name, module) pair."""

    def __init__(self, *layers):
        super().__init__(*(layer[1] if isinstance(layer, tuple) else layer for layer in layers))
        self.names = [layer[0] if isinstance(layer, tuple) else None for layer in layers]


def named_modules(network, path=""):
    """Modules with parameters of their own by what nn-dist calls them: kind and running number."""
    counts = {"dense": 0, "conv": 0}
    names = getattr(network, "names", [None] * len(network))
    for name, layer in zip(names, network):
        if name is None and isinstance(layer, (nn.Linear, nn.Conv2d)):
            kind = "dense" if isinstance(layer, nn.Linear) else "conv"
            counts[kind] += 1
            name = f"{kind}{counts[kind]}"
        if hasattr(layer, "parts"):
            for part, branch in layer.parts:
                yield from named_modules(branch, f"{path}{name}/{part}")
        elif name is not None:
            yield f"{path}{name}", layer


def named_parameters(network):
    """(dense1/weight, tensor) and so on, in the order of the layers."""
    for name, layer in named_modules(network):
        yield from ((f"{name}/{part}", tensor) for part, tensor in layer.named_parameters())


def named_averages(network):
    """(batchnorm1/running_mean, tensor) and so on."""
    for name, layer in named_modules(network):
        for part, tensor in layer.named_buffers():
            if part != "num_batches_tracked":
                yield f"{name}/{part}", tensor


def named_tensors(network):
    return [*named_parameters(network), *named_averages(network)]


def initialise(network, generator):
    """He's uniform bound for weights; small biases, so that their part shows.

    Factors, which are vectors, stay near what PyTorch begins with.
    """
    for name, parameter in named_parameters(network):
        if name.endswith("weight") and parameter.dim() == 1:
            start = parameter.detach().double().numpy()
            parameter.data = uniform(generator, tuple(parameter.shape), start - 0.1, start + 0.1)
            continue
        bound = 0.1 if name.endswith("bias") else (6 / parameter[0].numel()) ** 0.5
        parameter.data = uniform(generator, tuple(parameter.shape), -bound, bound)


def train(network, criterion, make_optimizer, inputs, targets):
    """Losses before each step and after the last, first gradients and final tensors, all in float64."""
    network = copy.deepcopy(network).to(inputs.dtype)
    optimizer = make_optimizer(network.parameters())
    losses, gradients = [], None
    for _ in range(STEPS):
        optimizer.zero_grad()
        loss = criterion(network(inputs), targets)
        loss.backward()
        gradients = gradients or {
            n: p.grad.double().clone() for n, p in named_parameters(network) if p.requires_grad}
        optimizer.step()
        losses.append(loss.item())
    final = {n: p.detach().double().clone() for n, p in named_tensors(network)}
    losses.append(criterion(network(inputs), targets).item())
    return losses, gradients, final


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


def write_network(
        path, network, criterion, make_optimizer, inputs, targets, stored_inputs=None,
        stored_targets=None, fields={}):
    losses, gradients, final = train(network, criterion, make_optimizer, inputs, targets)
    # What cancels has no digits to compare, such as the gradient of a bias that all keys share.
    gradients = {name: gradient for name, gradient in gradients.items() if gradient.norm() > 1e-14}
    loss_error, errors = float32_errors(
        network, criterion, make_optimizer, inputs, targets, losses, final)
    with Golden(path) as golden:
        golden.put("input", inputs if stored_inputs is None else stored_inputs)
        targets = targets if stored_targets is None else stored_targets
        golden.put("targets" if targets.is_floating_point() else "labels", targets)
        for name, tensor in fields.items():
            golden.put(f"fields/{name}", tensor)
        for name, tensor in named_tensors(network):
            golden.put(f"initial/{name}", tensor)
            if name in gradients:
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


def soft():
    return nn.Sequential(nn.Linear(12, 16), nn.Tanh(), nn.Linear(16, 5))


class Concat(nn.Module):
    """Branches of layers on the same input, joined on the channels."""

    def __init__(self, *branches):
        super().__init__()
        self.branches = nn.ModuleList(branches)

    @property
    def parts(self):
        return [(f"branch{n + 1}/", branch) for n, branch in enumerate(self.branches)]

    def forward(self, x):
        return torch.cat([branch(x) for branch in self.branches], dim=1)


class Residual(nn.Module):
    """Adds the input, of which it takes every stride-th pixel, with channels of zeros at the end."""

    def __init__(self, layers, stride, more_channels):
        super().__init__()
        self.layers, self.stride, self.more_channels = layers, stride, more_channels

    @property
    def parts(self):
        return [("", self.layers)]

    def forward(self, x):
        thin = x[:, :, ::self.stride, ::self.stride]
        return self.layers(x) + functional.pad(thin, (0, 0, 0, 0, 0, self.more_channels))


class Embedding(nn.Embedding):
    """The vectors of n indices as a map of 1 x n."""

    def forward(self, x):
        return super().forward(x.long()).permute(0, 2, 1).unsqueeze(2)


def activations():
    bends = [
        nn.LeakyReLU(0.1), ("prelu1", nn.PReLU()), nn.ELU(0.7), nn.SELU(), nn.GELU(),
        nn.GELU(approximate="tanh"), nn.SiLU(), nn.Mish(), nn.Softplus(2)]
    layers, width = [], 20
    for n, bend in enumerate(bends):
        layers += [(f"dense{n + 1}", nn.Linear(width, 12)), bend]
        width = 12
    return Layers(*layers, ("layernorm1", nn.LayerNorm(12)), ("dense10", nn.Linear(12, 5)))


def decoder():
    return Layers(
        ("dense1", nn.Linear(20, 32)), nn.Unflatten(1, (2, 4, 4)),
        ("conv_transpose1", nn.ConvTranspose2d(2, 4, 3, stride=2, padding=1, output_padding=1)),
        ("prelu1", nn.PReLU(4)),
        ("conv_transpose2", nn.ConvTranspose2d(
            4, 6, (3, 2), stride=(1, 2), padding=(2, 1), dilation=(2, 1), groups=2, bias=False)),
        ("concat1", Concat(
            Layers(("conv1", nn.Conv2d(6, 3, 3, padding=1)), nn.Mish()), Layers(),
            Layers(("conv1", nn.Conv2d(6, 2, (1, 3), padding="same", dilation=2))))),
        ("layernorm1", nn.GroupNorm(1, 11)), nn.Upsample(scale_factor=(1, 2)),
        nn.AvgPool2d(4), nn.Flatten(), ("dense2", nn.Linear(154, 10)))


def text():
    return Layers(
        ("embedding1", Embedding(30, 8)), nn.ZeroPad2d((4, 0, 0, 0)),
        ("conv1", nn.Conv2d(8, 6, (1, 3), dilation=(1, 2))), nn.GELU(),
        ("layernorm1", nn.GroupNorm(1, 6)), nn.AdaptiveAvgPool2d(1), nn.Flatten(),
        ("dense1", nn.Linear(6, 3)))


def resnet():
    """ResNet-20 with a quarter of the filters."""

    def conv(n, channels, filters, stride=1):
        return (f"conv{n}", nn.Conv2d(channels, filters, 3, stride, padding=1, bias=False))

    def norm(n, channels):
        return (f"batchnorm{n}", nn.BatchNorm2d(channels))

    layers, channels = [conv(1, 3, 4), norm(1, 4), nn.ReLU()], 4
    for n in range(9):
        filters, stride = 4 << n // 3, 2 if n in (3, 6) else 1
        block = Layers(
            conv(1, channels, filters, stride), norm(1, filters), nn.ReLU(),
            conv(2, filters, filters), norm(2, filters))
        layers += [(f"residual{n + 1}", Residual(block, stride, filters - channels)), nn.ReLU()]
        channels = filters
    return Layers(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), ("dense1", nn.Linear(16, 10)))


CLASS_WEIGHTS = [1, 0.5, 2, 1, 1, 3, 1, 1, 0.25, 1]


def weighted_cross_entropy(scores, labels):
    """The mean is over samples: the sum of the weights does not divide it."""
    weights = torch.tensor(CLASS_WEIGHTS, dtype=scores.dtype)
    return functional.cross_entropy(
        scores, labels, weight=weights, label_smoothing=0.1, reduction="none").mean()


def soft_cross_entropy(scores, targets):
    """Targets are real numbers, whose sum need not be 1."""
    weights = torch.tensor([1, 0.5, 2, 1, 3], dtype=scores.dtype)
    return functional.cross_entropy(scores, targets, weight=weights, label_smoothing=0.2)


def binary_cross_entropy(scores, targets):
    weights = torch.full((3,), 2.5, dtype=scores.dtype)
    return functional.binary_cross_entropy_with_logits(scores, targets, pos_weight=weights)


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


def write_more_networks(folder):
    generator = np.random.default_rng(3)
    labels = torch.from_numpy(generator.integers(0, 10, BATCH))

    network, inputs = activations().double(), uniform(generator, (BATCH, 20))
    initialise(network, generator)
    targets = uniform(generator, (BATCH, 5))
    write_network(folder / "activations.h5", network, nn.HuberLoss(delta=0.5), adam, inputs, targets)

    network = decoder().double()
    initialise(network, generator)
    write_network(folder / "decoder.h5", network, weighted_cross_entropy, adam, inputs, labels)

    network = text().double()
    initialise(network, generator)
    tokens = torch.from_numpy(generator.integers(0, 30, (BATCH, 12)).astype(np.float64))
    targets = torch.from_numpy(generator.integers(0, 2, (BATCH, 3)).astype(np.float64))
    write_network(folder / "text.h5", network, binary_cross_entropy, adam, tokens, targets)

    network, images = resnet().double(), pixels(generator, (BATCH, 16, 16, 3))
    initialise(network, generator)
    write_network(
        folder / "resnet.h5", network, nn.CrossEntropyLoss(), adam, channels_first(images), labels,
        stored_inputs=images)


def write_soft_network(folder):
    generator = np.random.default_rng(7)
    network, inputs = soft().double(), uniform(generator, (BATCH, 12))
    initialise(network, generator)
    targets = uniform(generator, (BATCH, 5), 0, 1)
    write_network(folder / "soft.h5", network, soft_cross_entropy, adam, inputs, targets)


class StepConv(nn.Conv1d):
    """A convolution of [samples, steps, features] that sees no later step."""

    def forward(self, x):
        return super().forward(functional.pad(x.transpose(1, 2), (2, 0))).transpose(1, 2)


class StepNorm(nn.BatchNorm1d):
    def forward(self, x):
        return super().forward(x.transpose(1, 2)).transpose(1, 2)


class StepPool(nn.MaxPool1d):
    """The maximum of two steps, at both."""

    def forward(self, x):
        return super().forward(x.transpose(1, 2)).repeat_interleave(2, dim=2).transpose(1, 2)


def steps():
    return Layers(
        ("conv1", StepConv(6, 8, 3, bias=False)), ("batchnorm1", StepNorm(8)), nn.Tanh(), StepPool(2),
        ("layernorm1", nn.LayerNorm(8)), ("dense1", nn.Linear(8, 4)))


def pixel_classes():
    return Layers(
        ("conv1", nn.Conv2d(1, 6, 3, padding=1)), nn.ReLU(), nn.MaxPool2d(2),
        ("conv2", nn.Conv2d(6, 8, 3, padding=1)), nn.ReLU(), nn.Upsample(scale_factor=2),
        ("conv3", nn.Conv2d(8, 3, 1)))


def maps():
    return Layers(("conv1", nn.Conv2d(1, 5, 3, padding=1)), nn.Tanh(), ("conv2", nn.Conv2d(5, 2, 1)))


def autoencoder():
    return Layers(
        ("conv1", nn.Conv2d(1, 4, 3, padding=1)), nn.ReLU(), nn.Flatten(), ("dense1", nn.Linear(256, 12)),
        nn.ReLU(), ("dense2", nn.Linear(12, 64)), nn.Unflatten(1, (1, 8, 8)))


def cross_entropy_of_steps(scores, labels):
    return functional.cross_entropy(
        scores.flatten(0, 1), labels.flatten(), ignore_index=-1, label_smoothing=0.1)


def cross_entropy_of_pixels(scores, labels):
    """Weights of classes divide nothing: the mean is over the pixels that count."""
    weights = torch.tensor([1, 2, 0.5], dtype=scores.dtype)
    losses = functional.cross_entropy(
        scores, labels, weight=weights, ignore_index=-1, reduction="sum")
    return losses / (labels >= 0).sum()


def huber_of_maps(outputs, targets):
    counts = ~targets.isnan()
    return functional.huber_loss(channels_last(outputs)[counts], targets[counts], delta=0.5)


def squared_error_of_maps(outputs, targets):
    return functional.mse_loss(channels_last(outputs), targets)


def write_networks_of_any_shape(folder):
    """Targets that do not count are spread unevenly, and the first sample has no other."""
    generator = np.random.default_rng(8)

    def ignoring(labels, share, mark):
        labels[torch.from_numpy(generator.random(tuple(labels.shape)) < share)] = mark
        labels[0] = mark
        return labels

    network, inputs = steps().double(), uniform(generator, (BATCH, 12, 6))
    initialise(network, generator)
    labels = ignoring(torch.from_numpy(generator.integers(0, 4, (BATCH, 12))), 0.3, -1)
    write_network(folder / "steps.h5", network, cross_entropy_of_steps, adam, inputs, labels)

    network, images = pixel_classes().double(), pixels(generator, (BATCH, 8, 8, 1))
    initialise(network, generator)
    labels = ignoring(torch.from_numpy(generator.integers(0, 3, (BATCH, 8, 8))), 0.2, -1)
    write_network(
        folder / "pixels.h5", network, cross_entropy_of_pixels, adam, channels_first(images), labels,
        stored_inputs=images)

    network, images = maps().double(), pixels(generator, (BATCH, 4, 4, 1))
    initialise(network, generator)
    targets = ignoring(uniform(generator, (BATCH, 4, 4, 2)), 0.25, float("nan"))
    write_network(
        folder / "maps.h5", network, huber_of_maps, adam, channels_first(images), targets,
        stored_inputs=images)

    network, images = autoencoder().double(), pixels(generator, (BATCH, 8, 8, 1))
    initialise(network, generator)
    write_network(
        folder / "autoencoder.h5", network, squared_error_of_maps, adam, channels_first(images), images,
        stored_inputs=images)


# Two networks against each other

CYCLES = 10
CRITIC_STEPS = 2
PAIRS = 16
NOISE = 6


def dense_adversaries():
    generator = Layers(
        ("dense1", nn.Linear(NOISE, 16)), nn.ReLU(), ("dense2", nn.Linear(16, 12)), nn.Tanh())
    critic = Layers(
        ("dense1", nn.Linear(12, 20)), nn.LeakyReLU(0.2), ("dense2", nn.Linear(20, 16)), nn.Tanh(),
        ("dense3", nn.Linear(16, 1)))
    return nn.ModuleDict({"generator": generator, "critic": critic})


def convolutional_adversaries():
    generator = Layers(
        ("dense1", nn.Linear(NOISE, 32)), nn.ReLU(), nn.Unflatten(1, (2, 4, 4)),
        ("conv_transpose1", nn.ConvTranspose2d(2, 3, 4, stride=2, padding=1)), nn.Tanh())
    critic = Layers(
        ("conv1", nn.Conv2d(3, 6, 3, stride=2, padding=1)), nn.LeakyReLU(0.2),
        ("conv2", nn.Conv2d(6, 8, 3, padding=1)), ("layernorm1", nn.GroupNorm(1, 8)), nn.LeakyReLU(0.2),
        nn.MaxPool2d(2), nn.Flatten(), ("dense1", nn.Linear(32, 1)))
    return nn.ModuleDict({"generator": generator, "critic": critic})


def named_weights(networks):
    for name, network in networks.items():
        yield from ((f"{name}/{part}", tensor) for part, tensor in named_parameters(network))


def critic_loss(networks, real, noise, mixture):
    """Algorithm 1 of Gulrajani and others (2017); the norm is one for each sample."""
    critic = networks["critic"]
    made = networks["generator"](noise).detach()
    share = mixture.reshape(-1, *[1] * (real.dim() - 1))
    between = (share * real + (1 - share) * made).requires_grad_()
    slope, = torch.autograd.grad(critic(between).sum(), between, create_graph=True)
    penalty = (slope.flatten(1).norm(2, dim=1) - 1).square()
    return (critic(made) - critic(real)).mean() + 10 * penalty.mean()


def train_adversaries(networks, real, noise, mixture):
    """The loss of each step, the first gradients of both networks and their final tensors."""
    networks = copy.deepcopy(networks).to(real.dtype)
    optimizers = {
        name: torch.optim.Adam(network.parameters(), lr=1e-3, betas=(0.5, 0.9))
        for name, network in networks.items()}
    losses, gradients = [], {}
    for step in range(len(noise)):
        name = "critic" if step % (CRITIC_STEPS + 1) < CRITIC_STEPS else "generator"
        optimizers[name].zero_grad()
        if name == "critic":
            loss = critic_loss(networks, real, noise[step], mixture[step])
        else:
            loss = -networks["critic"](networks["generator"](noise[step])).mean()
        loss.backward()
        for part, tensor in named_parameters(networks[name]):
            gradients.setdefault(f"{name}/{part}", tensor.grad.double().clone())
        optimizers[name].step()
        losses.append(loss.item())
    return losses, gradients, {n: p.detach().double().clone() for n, p in named_weights(networks)}


def write_adversaries(path, networks, stored, real, generator):
    steps = CYCLES * (CRITIC_STEPS + 1)
    noise, mixture = uniform(generator, (steps, PAIRS, NOISE)), uniform(generator, (steps, PAIRS), 0)
    losses, gradients, final = train_adversaries(networks, real, noise, mixture)
    loss_error, errors = 0.0, dict.fromkeys(final, 0.0)
    for seed in range(4):
        order = np.random.default_rng(seed).permutation(PAIRS) if seed else np.arange(PAIRS)
        run = train_adversaries(
            networks, real[order].float(), noise[:, order].float(), mixture[:, order].float())
        scale = max(map(abs, losses))
        loss_error = max(loss_error, *(abs(a - b) / scale for a, b in zip(run[0], losses)))
        for name, exact in final.items():
            error = torch.linalg.norm(run[2][name] - exact) / torch.linalg.norm(exact)
            errors[name] = max(errors[name], error.item())
    with Golden(path) as golden:
        golden.put("input", stored)
        golden.put("noise", noise)
        golden.put("mixture", mixture)
        for name, tensor in named_weights(networks):
            golden.put(f"initial/{name}", tensor)
            golden.put(f"gradient/{name}", gradients[name])
            golden.put(f"final/{name}", final[name], float32_final_error=errors[name])
        golden.put("loss", losses, float32_error=loss_error)


def write_adversarial_networks(folder):
    generator = np.random.default_rng(4)
    networks = dense_adversaries().double()
    for network in networks.values():
        initialise(network, generator)
    real = uniform(generator, (PAIRS, 12))
    write_adversaries(folder / "wgan_gp.h5", networks, real, real, generator)

    networks = convolutional_adversaries().double()
    for network in networks.values():
        initialise(network, generator)
    images = uniform(generator, (PAIRS, 8, 8, 3))
    write_adversaries(folder / "wgan_gp_conv.h5", networks, images, channels_first(images), generator)


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


def write_dataset(folder):
    """A file as a user of h5py would write it: several types, packed or not; formulas give the numbers."""
    def numbers(*shape):
        places = np.indices(shape)
        return sum((7, 5, 3, 11)[axis] * places[axis] for axis in range(len(shape)))

    with h5py.File(folder / "dataset.h5", "w", libver=("v110", "v110")) as file:
        for name, count in (("train", 1100), ("test", 30)):
            file.create_dataset(
                f"photos/{name}/x", data=(numbers(count, 6, 5) % 256).astype(np.uint8),
                chunks=(min(64, count), 6, 5), compression="gzip", compression_opts=9, shuffle=True)
            file[f"photos/{name}/y"] = np.arange(count, dtype=np.int64) % 4
        file["table/x"] = numbers(50, 3) / 4.0
        file["table/y"] = (np.arange(50) / 2).astype(np.float16)
        file["planes/x"] = numbers(8, 3, 2, 2).astype(">i2")
        file["planes/y"] = (np.arange(8) % 2).astype(np.uint16)
        file["words"] = np.array([b"a", b"b"])


if __name__ == "__main__":
    destination = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else __file__).resolve()
    destination = destination if destination.is_dir() else destination.parent
    torch.set_num_threads(1)
    write_networks(destination)
    write_more_networks(destination)
    write_soft_network(destination)
    write_networks_of_any_shape(destination)
    write_adversarial_networks(destination)
    write_operations(destination)
    write_dataset(destination)
