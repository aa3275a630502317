#!/usr/bin/env python3
"""Writes `scaling.json`: runs drawn by the law of scaling, and its constants as SciPy fits them.

A run with N parameters and D tokens ends at the loss L = E + A / N^alpha + B / D^beta. The fit is that of Hoffmann and
others (2022), as Besiroglu and others (2024) wrote it: the sum of Huber's loss of the differences of logarithms,
smallest of what L-BFGS finds from each start of a grid.
"""

import itertools
import json
import pathlib
import sys

import numpy as np
from scipy.optimize import minimize
from scipy.special import logsumexp

EPOCH = {"E": 1.81686, "A": 482.00572, "B": 2085.4342, "alpha": 0.34781, "beta": 0.36585}
SMALL = {"E": 0.9, "A": 21.5, "B": 310.0, "alpha": 0.41, "beta": 0.45}
DELTA = 1e-3
# Of log A, log B, log E, alpha and beta.
GRID = [range(0, 26, 5), range(0, 26, 5), np.arange(-1, 1.1, 0.5), np.arange(0, 2.1, 0.5), np.arange(0, 2.1, 0.5)]
BOOTSTRAPS = 200


def loss(law, n, d):
    return law["E"] + law["A"] / n ** law["alpha"] + law["B"] / d ** law["beta"]


def objective(x, n, d, logs):
    """The sum and its gradient; n, d and logs are logarithms."""
    a, b, e, alpha, beta = x
    terms = np.stack([a - alpha * n, b - beta * d, np.full_like(n, e)])
    found = logsumexp(terms, axis=0)
    shares = np.exp(terms - found)
    r = found - logs
    inside = np.abs(r) <= DELTA
    value = np.where(inside, r ** 2 / 2, DELTA * (np.abs(r) - DELTA / 2)).sum()
    slopes = shares * np.clip(r, -DELTA, DELTA)
    return value, np.array([
        slopes[0].sum(), slopes[1].sum(), slopes[2].sum(), -(slopes[0] * n).sum(), -(slopes[1] * d).sum()])


def search(start, points):
    """L-BFGS to the last digits. It measures progress in parts of the value, so all is divided by delta^2."""
    def scaled(x):
        value, gradient = objective(x, *points)
        return value / DELTA ** 2, gradient / DELTA ** 2

    options = {"maxiter": 20_000, "maxfun": 100_000, "ftol": 1e-15, "gtol": 1e-9, "maxcor": 20}
    result = minimize(scaled, start, jac=True, method="L-BFGS-B", options=options)
    return result.fun * DELTA ** 2, result.x


def fit(points):
    logs = np.log(points).T
    value, x = min((search(start, logs) for start in itertools.product(*GRID)), key=lambda found: found[0])
    for _ in range(20):  # each forgets the curvature that the last one measured
        value, x = min((value, x), search(x, logs), key=lambda found: found[0])
    generator = np.random.default_rng(3)
    again = [
        constants(search(x, logs[:, generator.integers(0, len(points), len(points))])[1]) for _ in range(BOOTSTRAPS)]
    return {
        "fitted": constants(x), "objective": value,
        "gradient_norm": float(np.linalg.norm(objective(x, *logs)[1])),
        "bootstrap": {
            key: np.percentile([law[key] for law in again], [2.5, 50, 97.5]).tolist() for key in EPOCH}}


def constants(x):
    a, b, e, alpha, beta = map(float, x)
    return {"E": np.exp(e), "A": np.exp(a), "B": np.exp(b), "alpha": alpha, "beta": beta}


def draw(generator, law, count, smallest, greatest, ratios, noise):
    """Parameters, tokens and losses; whole numbers of parameters and tokens."""
    n = np.exp(generator.uniform(*np.log([smallest, greatest]), count)).round()
    d = (n * np.exp(generator.uniform(*np.log(ratios), count))).round()
    losses = loss(law, n, d) * np.exp(noise * generator.standard_normal(count))
    return np.stack([n, d, losses], 1)


def main(path):
    generator = np.random.default_rng(11)
    cases = {  # law, runs, parameters, tokens per parameter, noise
        "noisy": (EPOCH, 40, 4e7, 1.6e10, (2, 300), 3e-3),
        "exact": (EPOCH, 24, 4e7, 1.6e10, (2, 300), 0),
        "small": (SMALL, 16, 2e3, 1e5, (10, 400), 0)}
    written = {}
    for name, (law, count, smallest, greatest, ratios, noise) in cases.items():
        points = draw(generator, law, count, smallest, greatest, ratios, noise)
        written[name] = {"law": law, "noise": noise, "delta": DELTA, "points": points.tolist()}
        if noise:
            written[name] |= fit(points)
    path.write_text(json.dumps(written, indent=1) + "\n")


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else __file__).resolve().with_name("scaling.json"))
