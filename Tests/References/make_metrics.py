"""Golden metrics of random predictions, by scikit-learn: writes metrics.json.

Predictions have many ties; some cases have weights of samples, classes without samples, classes that
are never predicted, or one class only.
"""

import json
import math
import warnings

import numpy as np
from sklearn import metrics as sk

warnings.simplefilter("ignore")
rng = np.random.default_rng(21)
averages = {"": "macro", "_macro": "macro", "_micro": "micro", "_weighted": "weighted"}
decisions = {"precision": sk.precision_score, "recall": sk.recall_score, "f1": sk.f1_score}
curves = {"auc": sk.roc_auc_score, "pr_auc": sk.average_precision_score}


def weights_of(samples, case):
    return (rng.integers(1, 9, samples) / 4).astype(np.float32) if case % 3 == 1 else None


def without_rounding_errors(probabilities):
    """Numbers of 40 bits: what differs by the last bits of exp is a tie."""
    mantissa, exponent = np.frexp(probabilities)
    return np.ldexp(np.rint(np.ldexp(mantissa, 40)), exponent - 40)


def calibration(probability, is_right, weights):
    """Each bin of 15 holds its upper end."""
    weights = np.ones(len(probability)) if weights is None else weights.astype(float)
    edges = np.arange(1, 16) / 15
    bins = np.minimum(np.searchsorted(edges, probability, side="left"), 14)
    error = 0.0
    for number in range(15):
        own = bins == number
        if own.any() and weights[own].sum() > 0:
            gap = np.average(is_right[own], weights=weights[own]) - np.average(
                probability[own], weights=weights[own])
            error += abs(gap) * weights[own].sum() / weights.sum()
    return error


def class_case(case):
    classes, samples = int(rng.integers(2, 7)), int(rng.integers(2, 31))
    truth = rng.integers(0, classes, samples)
    if case % 5 == 2:
        truth[truth == classes - 1] = 0  # no samples of the last class
    if case % 5 == 4:
        truth[:] = rng.integers(0, classes)  # one class only
    if case % 2:  # logits, rounded so that some are equal
        numbers = np.round(rng.normal(size=(samples, classes)) * 4) / 2
        if case % 5 == 3:
            numbers[:, 0] = -9  # never predicted
        numbers = numbers.astype(np.float32)
        exponents = np.exp(numbers.astype(float) - numbers.max(axis=1, keepdims=True))
        probabilities = exponents / exponents.sum(axis=1, keepdims=True)
    else:  # eighths add up to 1 exactly
        shares = rng.dirichlet(np.ones(classes), samples)
        probabilities = np.array([rng.multinomial(8, share) for share in shares]) / 8
        numbers = probabilities.astype(np.float32)
    weights = weights_of(samples, case)
    ranked = without_rounding_errors(probabilities)
    found, w = numbers.argmax(axis=1), {"sample_weight": weights}
    indicator = (truth[:, None] == np.arange(classes)).astype(int)
    labels = list(range(classes))
    expected = {
        "accuracy": sk.accuracy_score(truth, found, **w),
        "balanced_accuracy": sk.balanced_accuracy_score(truth, found, **w),
        "iou": sk.jaccard_score(truth, found, average="macro", zero_division=0, **w),
        "log_loss": sk.log_loss(truth, y_proba=probabilities, labels=labels, **w),
        "brier": sk.brier_score_loss(truth, probabilities, labels=labels, **w),
        "calibration_error": calibration(
            probabilities.max(axis=1), found == truth, weights),
    }
    for ending, average in averages.items():
        kind = "binary" if ending == "" and classes == 2 else average
        for name, score in decisions.items():
            expected[name + ending] = score(truth, found, average=kind, zero_division=0, **w)
        for name, score in curves.items():
            if kind == "binary":
                expected[name + ending] = score(truth == 1, ranked[:, 1], **w)
            else:
                expected[name + ending] = score(indicator, ranked, average=average, **w)
    form = "logits" if case % 2 else "probabilities"
    return "classes", form, classes, numbers, truth, weights, expected


def label_case(case):
    labels, samples = int(rng.integers(2, 7)), int(rng.integers(2, 31))
    truth = (rng.random((samples, labels)) < rng.random(labels)).astype(int)
    probabilities = rng.integers(0, 17, (samples, labels)) / 16
    if case % 4 == 0:
        truth[:, 0] = 0  # a label that no sample has
    if case % 4 == 1:
        probabilities[:, -1] /= 2  # never predicted
    if case % 4 == 2:
        truth[:, 1] = 1  # a label that all have
    weights = weights_of(samples, case)
    found, w = probabilities > 0.5, {"sample_weight": weights}
    columns = [(truth[:, label], probabilities[:, label]) for label in range(labels)]
    expected = {
        "accuracy": sk.accuracy_score(truth, found, **w),
        "log_loss": np.mean(
            [sk.log_loss(t, y_proba=p, labels=[0, 1], **w) for t, p in columns]),
        "brier": np.mean([sk.brier_score_loss(t, p, pos_label=1, **w) for t, p in columns]),
        "calibration_error": calibration(
            np.where(found, probabilities, 1 - probabilities).ravel(),
            (found == truth).ravel(), None if weights is None else np.repeat(weights, labels)),
    }
    for ending, average in averages.items():
        for name, score in decisions.items():
            expected[name + ending] = score(truth, found, average=average, zero_division=0, **w)
        for name, score in curves.items():
            expected[name + ending] = score(truth, probabilities, average=average, **w)
    return "labels", "probabilities", labels, probabilities, truth, weights, expected


def value_case(case):
    outputs, samples = int(rng.integers(1, 5)), int(rng.integers(2, 31))
    truth = (np.round(rng.normal(size=(samples, outputs)) * 3) * rng.choice([0.1, 1, 1000])).astype(
        np.float32)  # some are 0
    numbers = (truth + np.round(rng.normal(size=truth.shape) * 4) / 4).astype(np.float32)
    if case % 4 == 3:
        truth[:, 0] = truth[0, 0]  # a target that does not vary
    weights = weights_of(samples, case)
    w = {"sample_weight": weights}
    y, p = truth.astype(float), numbers.astype(float)
    spread = [np.ptp(y[:, output]) > 0 for output in range(outputs)]
    r2 = sk.r2_score(y, p, multioutput="raw_values", **w)[spread]
    expected = {
        "mae": sk.mean_absolute_error(y, p, **w),
        "rmse": math.sqrt(sk.mean_squared_error(y, p, **w)),
        "mape": sk.mean_absolute_percentage_error(y, p, **w),
        "median_error": sk.median_absolute_error(y, p, **w),
        "r2": float(np.mean(r2)) if len(r2) else math.nan,
    }
    return "values", "scores", outputs, numbers, truth, weights, expected


def case_of(number):
    kind, form, width, numbers, truth, weights, expected = [class_case, label_case, value_case][
        number % 3](number // 3)
    return {
        "kind": kind, "form": form, "width": width,
        "numbers": np.asarray(numbers, np.float32).ravel().tolist(),
        "truth": np.asarray(truth).ravel().tolist(),
        "weights": None if weights is None else weights.tolist(),
        "expected": {
            name: None if math.isnan(value) else float(value)
            for name, value in expected.items()},
    }


with open("metrics.json", "w") as file:
    json.dump([case_of(number) for number in range(420)], file)
    file.write("\n")
