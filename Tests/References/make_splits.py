"""Folds by scikit-learn: writes splits.json, the sizes of folds and of the classes in them."""

import json

import numpy as np
from sklearn.model_selection import GroupKFold, KFold, StratifiedKFold
from sklearn.utils.class_weight import compute_class_weight

rng = np.random.default_rng(21)
golden = {"stratified": [], "groups": [], "sizes": [], "weights": []}
for _ in range(12):
    folds = int(rng.integers(2, 8))
    classes = int(rng.integers(1, 6))
    sizes = rng.integers(folds, 40, classes)
    labels = rng.permutation(np.repeat(np.arange(classes), sizes))
    splits = StratifiedKFold(folds, shuffle=True, random_state=1).split(labels[:, None], labels)
    golden["stratified"].append({
        "labels": labels.tolist(),
        "folds": folds,
        "counts": [np.bincount(labels[test], minlength=classes).tolist() for _, test in splits],
    })
    golden["weights"].append(compute_class_weight("balanced", classes=np.arange(classes), y=labels).tolist())
    groups = rng.permutation(np.repeat(np.arange(folds + 9), rng.integers(1, 12, folds + 9)))
    splits = GroupKFold(folds).split(groups[:, None], groups=groups)
    golden["groups"].append({
        "labels": groups.tolist(),
        "folds": folds,
        "counts": [sorted(len(test) for _, test in splits)],
    })
    count = int(rng.integers(folds, 90))
    golden["sizes"].append({
        "labels": [0] * count,
        "folds": folds,
        "counts": [[len(test) for _, test in KFold(folds).split(np.zeros(count))]],
    })
with open("splits.json", "w") as file:
    json.dump(golden, file, separators=(",", ":"))
    file.write("\n")
