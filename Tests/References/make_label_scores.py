"""Golden scores of multi-label classification, by scikit-learn: writes label_scores.json."""

import json
import math

import numpy as np
from sklearn.metrics import accuracy_score, f1_score, precision_score, recall_score

rng = np.random.default_rng(5)
samples, labels = 60, 5
truth = (rng.random((samples, labels)) < [0.5, 0.2, 0.7, 0.05, 0.0]).astype(float)
values = np.round(rng.random((samples, labels)) * 0.7 + 0.3 * truth, 3)
values[:, 3] *= 0.5  # never predicted
values[:, 4] *= 0.5  # neither there nor predicted
values[0, 0] = 0.5  # not above it
ignored = rng.random((samples, labels)) < 0.1


def nan_as_none(number):
    return None if math.isnan(number) else float(number)


def scores(counted):
    rows = []
    for label in range(labels):
        keep = counted[:, label]
        true, predicted = truth[keep, label] > 0.5, values[keep, label] > 0.5
        row = {
            name: nan_as_none(score(true, predicted, zero_division=np.nan))
            for name, score in [
                ("precision", precision_score), ("recall", recall_score), ("f1", f1_score)]
        }
        rows.append(row | {"accuracy": accuracy_score(true, predicted), "samples": int(true.sum())})
    return rows


everything = np.ones_like(ignored)
golden = {
    "labels": labels,
    "values": values.ravel().tolist(),
    "targets": truth.ravel().tolist(),
    "ignored": ignored.ravel().tolist(),
    "rows": scores(everything),
    "rows_without_ignored": scores(~ignored),
    "f1": float(f1_score(truth > 0.5, values > 0.5, average="macro", zero_division=0)),
}
with open("label_scores.json", "w") as file:
    json.dump(golden, file)
    file.write("\n")
