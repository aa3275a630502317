"""Recurrent cells step by step, as they stand on paper; parameters have the names of `nn.LSTM`."""

import torch
from torch import nn


class Weights:
    """The parameters of one layer and direction, by gate."""

    def __init__(self, cell, parameters):
        self.cell = cell
        self.__dict__.update(parameters)

    def rows(self, name, gate):
        tensor, gates = getattr(self, name), self.cell.gates[name]
        units = len(tensor) // len(gates)
        start = gates.index(gate) * units
        return tensor[start:start + units]

    def has(self, name, gate):
        return gate in self.cell.gates.get(name, "")

    def sum(self, side, gate, value):
        """`value` through the weights and the bias of a gate, of `ih` or `hh`."""
        total = 0
        if self.has(f"weight_{side}", gate):
            total = value @ self.rows(f"weight_{side}", gate).T
        if self.has(f"bias_{side}", gate):
            total = total + self.rows(f"bias_{side}", gate)
        return total

    def gate(self, gate, x, h):
        return self.sum("ih", gate, x) + self.sum("hh", gate, h)


class Cell:
    """A step, and which gates have rows in which parameter; a state more is `c`, one more all gates."""

    def __init__(self, step, gates, states=1, peepholes="", **others):
        self.step, self.states = step, states
        names = ["weight_ih", "weight_hh", "bias_ih", "bias_hh"]
        self.gates = {name: gates for name in names} | others
        if peepholes:
            self.gates["weight_peephole"] = peepholes
        if states == 3:
            self.gates["weight_gate"] = "ifo"

    def shapes(self, inputs, units):
        for name, gates in self.gates.items():
            rows = len(gates) * units
            if name == "weight_peephole":
                yield name, (len(gates), units)
            elif name.startswith("bias"):
                yield name, (rows,)
            else:
                columns = {"weight_ih": inputs, "weight_hh": units, "weight_gate": 3 * units}
                yield name, (rows, columns[name])


def elman(activation):
    return lambda w, x, h: [activation(w.gate("h", x, h))]


def lstm(change=None):
    """Long short-term memory; `change` is one of the variants of Greff and others (2017)."""

    def step(w, x, h, c, *gates):
        def gate(name, seen):
            z = w.gate(name, x, h)
            if w.has("weight_peephole", name):
                z = z + w.weight_peephole[w.cell.gates["weight_peephole"].index(name)] * seen
            if gates:
                z = z + gates[0] @ w.rows("weight_gate", name).T
            return z.sigmoid()

        g = w.gate("g", x, h)
        g = g if change == "niaf" else g.tanh()
        i = torch.ones_like(h) if change == "nig" else gate("i", c)
        f = torch.ones_like(h) if change == "nfg" else 1 - i if change == "cifg" else gate("f", c)
        c = f * c + i * g
        o = torch.ones_like(h) if change == "nog" else gate("o", c)
        h = o * (c if change == "noaf" else c.tanh())
        return [h, c, torch.cat([i, f, o], 1)] if gates else [h, c]

    missing = {"nig": "i", "nfg": "f", "nog": "o", "cifg": "f"}.get(change, "")
    gates, peepholes = ("".join(g for g in all if g not in missing) for all in ("ifgo", "ifo"))
    return Cell(
        step, gates, states=3 if change == "fgr" else 2,
        peepholes="" if change == "np" else peepholes)


def gru(resets_before):
    def step(w, x, h):
        r, z = w.gate("r", x, h).sigmoid(), w.gate("z", x, h).sigmoid()
        seen = w.sum("hh", "n", r * h) if resets_before else r * w.sum("hh", "n", h)
        n = (w.sum("ih", "n", x) + seen).tanh()
        return [(1 - z) * n + z * h]

    return Cell(step, "rzn")


def mgu(**gates):
    """The minimal gated unit (Zhou and others 2016) and its simpler forms (Heck and Salem 2017)."""

    def step(w, x, h):
        f = w.gate("f", x, h).sigmoid()
        return [(1 - f) * h + f * w.gate("h", x, f * h).tanh()]

    return Cell(step, "fh", **gates)


CELLS = {
    "rnn": Cell(elman(torch.tanh), "h"),
    "rnn_relu": Cell(elman(torch.relu), "h"),
    "lstm": lstm("np"),
    "peepholes": lstm(),
    **{change: lstm(change) for change in ("nig", "nfg", "nog", "niaf", "noaf", "cifg", "fgr")},
    "gru": gru(resets_before=False),
    "gru_before": gru(resets_before=True),
    "mgu": mgu(),
    "mgu1": mgu(weight_ih="h"),
    "mgu2": mgu(weight_ih="h", bias_ih="h", bias_hh="h"),
    "mgu3": mgu(weight_ih="h", weight_hh="h"),
}


class Recurrent(nn.Module):
    """Layers of a cell on [samples, steps, features]; `directions` are suffixes of parameters."""

    def __init__(self, cell, inputs, units, layers=1, directions=("",), learned=False, backward=False):
        super().__init__()
        self.cell, self.units, self.layers, self.backward = CELLS[cell], units, layers, backward
        self.suffixes = [
            [f"_l{layer}{direction}" for direction in directions] for layer in range(layers)]
        for suffixes in self.suffixes:
            for suffix in suffixes:
                for name, shape in self.cell.shapes(inputs, units):
                    self.register_parameter(name + suffix, nn.Parameter(torch.zeros(shape)))
                for state in "hc"[:self.cell.states] if learned else "":
                    self.register_parameter(f"{state}0{suffix}", nn.Parameter(torch.zeros(units)))
            inputs = units * len(suffixes)

    def run(self, x, lengths, suffix):
        """Outputs of all steps, zero after the end, and the last `h`; a masked step keeps the state."""
        parameters = dict(self.named_parameters())
        names = [name for name, _ in self.cell.shapes(1, 1)]
        weights = Weights(self.cell, {name: parameters[name + suffix] for name in names})
        count, steps, _ = x.shape
        state = []
        for name, size in zip("hcg", (self.units, self.units, 3 * self.units)[:self.cell.states]):
            first = parameters.get(f"{name}0{suffix}", torch.zeros(size, dtype=x.dtype))
            state.append(first.expand(count, size))
        outputs = [None] * steps
        order = range(steps)
        for t in reversed(order) if self.backward or suffix.endswith("_reverse") else order:
            counts = (t < lengths)[:, None]
            new = self.cell.step(weights, x[:, t], *state)
            state = [torch.where(counts, new, old) for new, old in zip(new, state)]
            outputs[t] = torch.where(counts, state[0], torch.zeros_like(state[0]))
        return torch.stack(outputs, 1), state[0]

    def forward(self, x, lengths):
        """The sequence and the last state of the last layer, directions side by side."""
        for suffixes in self.suffixes:
            outputs, lasts = zip(*(self.run(x, lengths, suffix) for suffix in suffixes))
            x = torch.cat(outputs, 2)
        return x, torch.cat(lasts, 1)
