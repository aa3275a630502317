#!/usr/bin/env python3
"""Tables that `nn-dist init` is judged by, and what scikit-learn makes of them.

  tables.py FOLDER --golden          writes FOLDER/NAME.csv, and what scikit-learn reaches to tables.json
  tables.py FOLDER [--binary FILE]   writes the tables, then `init` and `crossval`, and compares with tables.json

Folds are 5 repeats of 5 folds. Those of scikit-learn are StratifiedKFold (classes) or KFold (real targets), with
shuffle and the repeat as random_state; models have it as random_state, too. The score of a fold is accuracy or r2 on
its test rows, in the unit of the table; its standard error is the deviation of the 25 scores over their root. All
models but the forest stand behind a StandardScaler of the training rows; words are one-hot columns.

  mlp        MLPClassifier() or MLPRegressor(), all settings as scikit-learn has them
  mlp_long   the same with max_iter=2000, targets standardised by the training rows
  mlp_stop   mlp_long with early_stopping=True (a tenth is held out) and n_iter_no_change=50
  forest     RandomForestClassifier() or RandomForestRegressor()
  linear     LogisticRegression(max_iter=5000) or LinearRegression()

Needs scikit-learn and pandas. All numbers follow from fixed seeds.
"""
import json
import subprocess
import sys
import warnings
from pathlib import Path

import numpy as np
import pandas as pd
import sklearn
from sklearn import datasets
from sklearn.compose import TransformedTargetRegressor, make_column_selector, make_column_transformer
from sklearn.ensemble import RandomForestClassifier, RandomForestRegressor
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.model_selection import KFold, StratifiedKFold
from sklearn.neural_network import MLPClassifier, MLPRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

REPEATS, FOLDS = 5, 5
OTHERS = ("mlp_long", "mlp_stop", "forest", "linear")
GOLDEN = Path(__file__).with_name("tables.json")
# name: (column to predict, kind)
TABLES = {
    "iris": ("species", "classes"), "wine": ("class", "classes"), "breast_cancer": ("diagnosis", "classes"),
    "diabetes": ("progression", "real"), "friedman1": ("y", "real"), "friedman2": ("y", "real"),
    "friedman3": ("y", "real"), "houses": ("price", "real"),
}


def houses(rows=1000, seed=0):
    """Prices of about 2e5: multiplicative effects, eight districts; a linear fit with one-hot words has r2 0.96."""
    draw = np.random.default_rng(seed)
    districts = {"Altstadt": 1.24, "Bahnhof": 0.90, "Hafen": 0.96, "Lindenhof": 1.08, "Nordend": 0.94, "Seeblick": 1.30,
                 "Südstadt": 1.03, "Weststadt": 0.86}
    area = np.round(draw.gamma(12, 9, rows) + 25, 1)                     # square metres
    rooms = np.clip(np.round(area / 28 + draw.normal(0, 0.8, rows)), 1, 9).astype(int)
    year = draw.integers(1900, 2021, rows)
    lot = np.round(area * draw.uniform(0.8, 5, rows))                    # square metres
    distance = np.round(draw.gamma(2, 2.5, rows), 2)                     # kilometres to the centre
    income = np.round(draw.normal(38000, 6000, rows), 0).astype(int)     # of the neighbourhood, a year
    garage = draw.integers(0, 3, rows)
    district = draw.choice(list(districts), rows)
    price = (1720 * area ** 0.95 * np.array([districts[d] for d in district]) * (1 + 0.0012 * (year - 1960))
             * np.exp(-0.012 * distance) * (income / 38000) ** 0.20 + 20 * lot + 7000 * garage + 2500 * rooms)
    price = np.round(price * np.exp(draw.normal(0, 0.039, rows)), -2).astype(int)
    return pd.DataFrame({"area": area, "rooms": rooms, "year": year, "lot": lot, "distance": distance, "income": income,
                         "garage": garage, "district": district, "price": price})


def named(loader, column):
    bunch = loader()
    frame = pd.DataFrame(bunch.data, columns=bunch.feature_names)
    names = getattr(bunch, "target_names", None)
    frame[column] = bunch.target if names is None else np.asarray(names)[bunch.target]
    return frame


def numbers(samples, targets, column="y"):
    frame = pd.DataFrame(samples, columns=[f"x{i}" for i in range(samples.shape[1])])
    frame[column] = targets
    return frame


def table(name):
    if name == "houses":
        return houses()
    if name in ("iris", "wine", "breast_cancer", "diabetes"):
        return named(getattr(datasets, "load_" + name), TABLES[name][0])
    noise = {"friedman1": 1, "friedman2": 125, "friedman3": 0.1}[name]
    return numbers(*getattr(datasets, "make_" + name)(n_samples=500, noise=noise, random_state=0))


def folds(targets, kind):
    """(repeat, fold, training rows, test rows), 25 times."""
    for repeat in range(REPEATS):
        by = (StratifiedKFold if kind == "classes" else KFold)(FOLDS, shuffle=True, random_state=repeat)
        for fold, (train, test) in enumerate(by.split(targets, targets if kind == "classes" else None)):
            yield repeat, fold, train, test


def models(kind, seed):
    words = OneHotEncoder(handle_unknown="ignore", sparse_output=False), make_column_selector(dtype_exclude="number")

    def scaled(model):
        return make_pipeline(make_column_transformer(words, remainder=StandardScaler()), model)

    def forest(model):
        return make_pipeline(make_column_transformer(words, remainder="passthrough"), model)

    stop = dict(early_stopping=True, n_iter_no_change=50, max_iter=2000)
    if kind == "classes":
        return {"mlp": scaled(MLPClassifier(random_state=seed)),
                "mlp_long": scaled(MLPClassifier(random_state=seed, max_iter=2000)),
                "mlp_stop": scaled(MLPClassifier(random_state=seed, **stop)),
                "forest": forest(RandomForestClassifier(random_state=seed)),
                "linear": scaled(LogisticRegression(max_iter=5000))}

    def unit(model):
        return TransformedTargetRegressor(scaled(model), transformer=StandardScaler())
    return {"mlp": scaled(MLPRegressor(random_state=seed)),
            "mlp_long": unit(MLPRegressor(random_state=seed, max_iter=2000)),
            "mlp_stop": unit(MLPRegressor(random_state=seed, **stop)),
            "forest": forest(RandomForestRegressor(random_state=seed)),
            "linear": scaled(LinearRegression())}


def golden(folder):
    """What the models of scikit-learn reach on the tables."""
    answer = {"scikit-learn": sklearn.__version__, "folds": f"{REPEATS} x {FOLDS}", "tables": {}}
    for name, (column, kind) in TABLES.items():
        frame = pd.read_csv(folder / f"{name}.csv")  # exactly what others read
        samples, targets = frame.drop(columns=column), frame[column].to_numpy()
        scores = {}
        for repeat, _, train, test in folds(targets, kind):
            for model, pipeline in models(kind, repeat).items():
                pipeline.fit(samples.iloc[train], targets[train])
                scores.setdefault(model, []).append(pipeline.score(samples.iloc[test], targets[test]))
        answer["tables"][name] = {
            "column": column, "kind": kind, "figure": "accuracy" if kind == "classes" else "r2", "rows": len(frame),
            "features": samples.shape[1],
            "models": {model: {"mean": round(float(np.mean(s)), 5),
                               "standard_error": round(float(np.std(s, ddof=1) / np.sqrt(len(s))), 5)}
                       for model, s in scores.items()}}
        print(name, json.dumps(answer["tables"][name]["models"]), flush=True)
    return answer


def compare(folder, binary):
    """Trains what `init` writes, nothing edited; whether each table is within one standard error of `mlp`, or above."""
    known = json.loads(GOLDEN.read_text())["tables"]
    passed = True
    others = "".join(f"{model:>9}" for model in OTHERS)
    print(f"{'table':<14} {'figure':<9} {'nn-dist':>16} {'mlp':>18}{others}")
    for name in TABLES:
        figure, mlp = known[name]["figure"], known[name]["models"]["mlp"]
        subprocess.run([binary, "init", f"{name}.csv", "--force"], cwd=folder, check=True, capture_output=True)
        ending = subprocess.run(
            [binary, "crossval", f"{name}.yaml", "--folds", str(FOLDS), "--repeats", str(REPEATS), "--fresh", "--json"],
            cwd=folder, check=True, capture_output=True, text=True)
        answer = json.loads(ending.stdout.splitlines()[-1])
        mean, error = answer["mean"][figure], answer["standard_error"][figure]
        passed = passed and mean >= mlp["mean"] - mlp["standard_error"]
        others = "".join(f"{known[name]['models'][model]['mean']:9.4f}" for model in OTHERS)
        bar = f"{mlp['mean']:9.4f} ± {mlp['standard_error']:.4f}"
        print(f"{name:<14} {figure:<9} {mean:7.4f} ± {error:.4f} {bar}{others}", flush=True)
    return passed


def main():
    warnings.filterwarnings("ignore")                # a default MLP has not converged after 200 epochs
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    for name in TABLES:
        table(name).to_csv(folder / f"{name}.csv", index=False)
    if "--golden" in sys.argv:
        GOLDEN.write_text(json.dumps(golden(folder), indent=1) + "\n")
        return
    binary = sys.argv[sys.argv.index("--binary") + 1] if "--binary" in sys.argv else "nn-dist"
    sys.exit(0 if compare(folder, str(Path(binary).resolve()) if "/" in binary else binary) else 1)


if __name__ == "__main__":
    main()
