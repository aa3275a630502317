"""Writes draws.json: probabilities of the next token after penalty, temperature, top-k and top-p, and the tokens that
uniform numbers draw, by NumPy in float64. Run: python make_draws.py"""

import json

import numpy

TOKENS = 40


def probabilities(scores, seen, temperature, top_k, top_p, penalty):
    scores = scores.astype(numpy.float64)
    for token in set(seen):
        scores[token] = scores[token] / penalty if scores[token] > 0 else scores[token] * penalty
    if temperature == 0:
        kept = numpy.zeros(len(scores))
        kept[scores.argmax()] = 1
        return kept
    scores /= temperature
    order = numpy.argsort(-scores, kind="stable")
    if top_k is not None:
        scores[order[top_k:]] = -numpy.inf
    weights = numpy.exp(scores - scores.max())
    weights /= weights.sum()
    if top_p is not None:
        # A token stays if those before it have less than the share.
        before = numpy.cumsum(weights[order]) - weights[order]
        kept = order[before < top_p]
        kept = kept if len(kept) else order[:1]
        weights[numpy.setdiff1d(order, kept)] = 0
        weights /= weights.sum()
    return weights


def main():
    generator = numpy.random.default_rng(18)
    cases = []
    for temperature, top_k, top_p, penalty in [
        (1, None, None, 1), (0.5, None, None, 1), (2.5, None, None, 1), (0, None, None, 1), (0, 5, 0.5, 1.3),
        (1, 1, None, 1), (1, 7, None, 1), (1, 40, None, 1), (1, 99, None, 1), (1, None, 0.1, 1), (1, None, 0.9, 1),
        (1, None, 1, 1), (1, None, 0, 1), (1, None, None, 1.5), (1, None, None, 0.7), (0.8, 10, 0.8, 1.2),
        (1.7, 20, 0.95, 1.05),
    ]:
        scores = (3 * generator.standard_normal(TOKENS)).astype(numpy.float32)
        seen = generator.integers(0, TOKENS, 12)
        weights = probabilities(scores, seen, temperature, top_k, top_p, penalty)
        numbers = generator.random(50)
        drawn = numpy.searchsorted(numpy.cumsum(weights), numbers * weights.sum(), side="right")
        cases.append({
            "temperature": temperature, "top_k": top_k, "top_p": top_p, "penalty": penalty,
            "scores": scores.astype(float).tolist(), "seen": seen.tolist(), "probabilities": weights.tolist(),
            "numbers": numbers.tolist(), "drawn": drawn.tolist(),
        })
    with open("draws.json", "w") as file:
        json.dump(cases, file)
        file.write("\n")


if __name__ == "__main__":
    main()
