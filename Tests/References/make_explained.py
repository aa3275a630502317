"""Writes explained.json: values and derivatives of configs/rnn-tiny.yaml and lstm-tiny.yaml.

PyTorch computes them in float64, step by step; its own cells must agree. The keys are those of
`nn-dist explain`; a derivative of the loss begins with ∂L/∂, one of a state by another names both.
"""

import json
import pathlib

import torch

torch.set_default_dtype(torch.float64)
SUBSCRIPTS = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")


def tensor(numbers):
    return torch.tensor(numbers, requires_grad=True)


def name(value, step):
    return value + str(step).translate(SUBSCRIPTS)


class Record:
    """Values by name, all of which keep their gradient."""

    def __init__(self):
        self.values = {}

    def __call__(self, key, value):
        if value.requires_grad and not value.is_leaf:
            value.retain_grad()
        self.values[key] = value
        return value


def rnn(x, states, weights, record, step):
    (h,) = states
    a = record(name("rnn1.a", step), x @ weights["weight_ih"].T + h @ weights["weight_hh"].T)
    return [record(name("rnn1.h", step), torch.tanh(a))]


def lstm(x, states, weights, record, step):
    h, c = states
    bias = weights["bias_ih"] + weights["bias_hh"]
    a = record(
        name("lstm1.a", step), x @ weights["weight_ih"].T + bias + h @ weights["weight_hh"].T)
    i, f, g, o = (
        record(name(f"lstm1.a_{gate}", step), a[:, k : k + 1]) for k, gate in enumerate("ifgo"))
    i = record(name("lstm1.i", step), torch.sigmoid(i))
    f = record(name("lstm1.f", step), torch.sigmoid(f))
    g = record(name("lstm1.g", step), torch.tanh(g))
    o = record(name("lstm1.o", step), torch.sigmoid(o))
    c = record(name("lstm1.c", step), f * c + i * g)
    return [record(name("lstm1.h", step), o * torch.tanh(c)), c]


def explained(layer, cell, carries, units, samples, weights, output, bias, target):
    record = Record()
    weights = {key: tensor(value) for key, value in weights.items()}
    weight, bias = tensor(output), tensor(bias)
    x = [torch.tensor([[number]]) for number in samples]
    states = [[torch.zeros(1, units) for _ in carries]]
    for step, item in enumerate(x, 1):
        states.append(cell(item, states[-1], weights, record, step))
    y = record("output", states[-1][0] @ weight.T + bias)
    loss = ((y - torch.tensor([[target]])) ** 2).mean()
    loss.backward()

    module = (torch.nn.RNN if layer == "rnn1" else torch.nn.LSTM)(
        1, units, bias="bias_ih" in weights, batch_first=True)
    for key, value in weights.items():
        getattr(module, key + "_l0").data = value.detach().clone()
    last = module(torch.tensor([[[number] for number in samples]]))[0][:, -1]
    ((last @ weight.detach().T + bias.detach() - target) ** 2).mean().backward()
    for key, value in weights.items():
        torch.testing.assert_close(getattr(module, key + "_l0").grad, value.grad)

    numbers = {key: value.flatten().tolist() for key, value in record.values.items()}
    gradients = dict(record.values, **{f"{layer}/{key}_l0": value for key, value in weights.items()})
    gradients |= {"output/weight": weight, "output/bias": bias}
    numbers |= {f"∂L/∂{key}": value.grad.flatten().tolist() for key, value in gradients.items()}
    # From each state to the next, and from each to the last.
    last = torch.eye(len(carries) * units)
    for step in reversed(range(2, len(states))):
        def cell_of(*before):
            return tuple(cell(x[step - 1], before, weights, lambda _, value: value, step))

        blocks = torch.autograd.functional.jacobian(cell_of, tuple(states[step - 1]))
        whole = torch.cat([torch.cat([b[0, :, 0] for b in row], 1) for row in blocks])
        last = last @ whole
        for end, matrix in {step: whole, len(x): last}.items():
            for row, left in enumerate(carries):
                for column, right in enumerate(carries):
                    block = matrix[row * units :, column * units :][:units, :units]
                    key = f"∂{layer}.{name(left, end)}/∂{layer}.{name(right, step - 1)}"
                    numbers[key] = block.flatten().tolist()
    return numbers


NETWORKS = {
    "rnn-tiny": explained(
        "rnn1", rnn, ["h"], 2, [1.0, 0.5],
        {"weight_ih": [[0.5], [-0.3]], "weight_hh": [[0.1, 0.4], [-0.2, 0.3]]},
        [[0.7, -0.6]], [0.1], 0.3),
    "lstm-tiny": explained(
        "lstm1", lstm, ["h", "c"], 1, [1.0, -0.5, 0.25],
        {
            "weight_ih": [[0.5], [0.6], [0.8], [-0.4]],
            "weight_hh": [[0.1], [0.2], [-0.3], [0.7]],
            "bias_ih": [0.0, 1.0, 0.0, 0.2],
            "bias_hh": [0.0, 0.0, 0.0, 0.0],
        },
        [[1.5]], [0.1], 0.4),
}

def text(numbers):
    return ",\n".join(f"  {json.dumps(key, ensure_ascii=False)}: {numbers[key]}" for key in sorted(numbers))


networks = ",\n".join(f' "{name}": {{\n{text(numbers)}\n }}' for name, numbers in NETWORKS.items())
pathlib.Path(__file__).with_name("explained.json").write_text(f"{{\n{networks}\n}}\n")
