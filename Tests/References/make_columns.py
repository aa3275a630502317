"""Golden samples of tables with missing values, dates and texts, by scikit-learn: writes columns/."""

import csv
import json
import math
import os
from datetime import datetime, timedelta

import numpy as np
from sklearn.feature_extraction.text import CountVectorizer, TfidfVectorizer
from sklearn.impute import MissingIndicator, SimpleImputer
from sklearn.preprocessing import OneHotEncoder, StandardScaler

rng = np.random.default_rng(21)
HEADER = ["id", "amount", "level", "city", "shop", "at", "note", "price"]
CITIES = ["Bern", "Genève", "Zug, ZG", "ulm"]
SHOPS = ["s%d" % i for i in range(7)]
WORDS = ["good", "Good", "GOOD", "bad", "a", "très", "TRÈS", "cher", "neuf", "x_1", "42", "don't",
         "e-mail", "wörld", "ÆON", "日本", "日本語", "4²", "old", "very", "not", "it"]
GAPS = ["", "NA", "nan", "?", "null"]


def draw(count, words, shops):
    """Rows of texts; None where a value is missing."""
    weights = rng.dirichlet(np.ones(len(words)))
    rows = []
    for row in range(count):
        time = datetime(2023, 11, 20) + timedelta(minutes=int(rng.integers(0, 400 * 24 * 60)))
        note = " ".join(rng.choice(words, rng.integers(0, 12), p=weights))
        values = [repr(round(float(rng.normal(50, 12)), 3)), str(rng.integers(0, 5)),
                  str(rng.choice(CITIES)), str(rng.choice(shops)),
                  time.strftime("%Y-%m-%d %H:%M"), note.strip() or None]
        values = [None if rng.random() < 0.15 else value for value in values]
        rows.append([str(row)] + values + [repr(round(float(rng.normal(0, 1)), 3))])
    return rows


def write(name, rows):
    with open("columns/" + name, "w", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(HEADER)
        for row in rows:
            writer.writerow([rng.choice(GAPS) if value is None else value for value in row])


def column(rows, name, read=lambda text: text, gap=np.nan):
    place = HEADER.index(name)
    return [gap if row[place] is None else read(row[place]) for row in rows]


def seconds(text):
    return (datetime.strptime(text, "%Y-%m-%d %H:%M") - datetime(1970, 1, 1)).total_seconds()


def cycles(time):
    """Sine and cosine of the year, of the week from Monday, and of the day."""
    at = datetime(1970, 1, 1) + timedelta(seconds=time)
    year, after = datetime(at.year, 1, 1), datetime(at.year + 1, 1, 1)
    day = (at - datetime(at.year, at.month, at.day)) / timedelta(days=1)
    phases = [(at - year) / (after - year), (at.weekday() + day) / 7, day]
    return [f(2 * math.pi * phase) for phase in phases for f in (math.sin, math.cos)]


class Samples:
    """What is learned from the training rows, and the features of the training and test rows."""

    def __init__(self, training, test):
        self.rows = [training, test]
        self.features, self.names, self.learned, self.fields = [[], []], [], {}, {}

    def add(self, arrays, names):
        for features, array in zip(self.features, arrays):
            features.append(np.asarray(array, dtype=float).reshape(len(array), -1))
        self.names += names

    def number(self, name, read, strategy, scaled, unit=lambda x: x):
        values = [np.array(column(rows, name, read)).reshape(-1, 1) for rows in self.rows]
        imputer = SimpleImputer(strategy=strategy).fit(values[0])
        whole = [imputer.transform(array) for array in values]
        scaler = StandardScaler(with_mean=scaled, with_std=scaled).fit(unit(whole[0]))
        self.learned[name] = {
            "missing": imputer.statistics_[0],
            "mean": scaler.mean_[0] if scaled else 0, "deviation": scaler.scale_[0] if scaled else 1}
        return values, whole, [scaler.transform(unit(array)) for array in whole]

    def indicator(self, name, values, wanted):
        """`wanted`: missing-only as scikit-learn has it, or names of columns."""
        if wanted == "needed":
            found = MissingIndicator(features="missing-only").fit(values[0])
        else:
            found = MissingIndicator(features="all").fit(values[0])
        if wanted == "needed" or name in wanted:
            arrays = [found.transform(array) for array in values]
            if arrays[0].shape[1]:
                self.add(arrays, [name + " missing"])


def words(rows, name):
    return np.array(column(rows, name, gap=None), dtype=object).reshape(-1, 1)


def vectorizer(texts, kind, size):
    """With a vocabulary that equal frequencies do not cut, at most of a size."""
    counts = CountVectorizer().fit(texts)
    totals = np.sort(np.asarray(counts.transform(texts).sum(axis=0)).ravel())[::-1]
    while size < len(totals) and totals[size] == totals[size - 1]:
        size -= 1
    return kind(max_features=size).fit(texts), size


def make(training, test, policies, indicators, weighting, size, scaled=True):
    """`policies`: of amount, level, city and at; None where rows without a value are dropped."""
    if policies is None:
        training, test = ([row for row in rows if None not in row] for rows in (training, test))
        policies = ["mean", "mean", "most_frequent", "mean"]
    samples = Samples(training, test)
    for name, policy in zip(["amount", "level"], policies):
        values, _, features = samples.number(name, float, policy, scaled)
        samples.add(features, [name])
        samples.indicator(name, values, indicators)

    values = [words(rows, "city") for rows in samples.rows]
    imputer = SimpleImputer(missing_values=None, strategy="most_frequent").fit(values[0])
    encoder = OneHotEncoder(sparse_output=False).fit(imputer.transform(values[0]))
    samples.learned["city"] = {"missing": imputer.statistics_[0]}
    samples.add([encoder.transform(imputer.transform(array)) for array in values],
                ["city=" + word for word in encoder.categories_[0]])
    gaps = [np.array([[np.nan if row[0] is None else 1.0] for row in array]) for array in values]
    samples.indicator("city", gaps, indicators)

    known = sorted({row[0] for row in words(training, "shop")} - {None})
    samples.fields["shop"] = [
        [known.index(row[0]) + 1 if row[0] in known else 0 for row in words(rows, "shop")]
        for rows in samples.rows]
    gaps = [np.array([[np.nan if row[0] is None else 1.0] for row in words(rows, "shop")])
            for rows in samples.rows]
    samples.indicator("shop", gaps, indicators)

    first = datetime(2000, 1, 1) - datetime(1970, 1, 1)
    values, whole, days = samples.number(
        "at", seconds, policies[3], scaled, lambda x: x / 86400 - first.days)
    samples.add([np.hstack([array, [cycles(time) for time in times[:, 0]]])
                 for array, times in zip(days, whole)],
                ["at days"] + ["at %s %s" % (f, c) for c in ("year", "week", "day")
                               for f in ("sin", "cos")])
    samples.indicator("at", values, indicators)

    texts = [["" if text is None else text for text in column(rows, "note", gap=None)]
             for rows in samples.rows]
    kind = TfidfVectorizer if weighting == "tfidf" else CountVectorizer
    learned, size = vectorizer(texts[0], kind, size)
    samples.learned["note"] = {"idf": list(learned.idf_)} if weighting == "tfidf" else {}
    samples.add([learned.transform(part).toarray() for part in texts],
                ["note:" + word for word in learned.get_feature_names_out()])
    gaps = [np.array([[np.nan if text is None else 1.0] for text in column(rows, "note", gap=None)])
            for rows in samples.rows]
    samples.indicator("note", gaps, indicators)
    return samples, size


training = draw(60, WORDS, SHOPS[:5])
test = draw(25, WORDS + ["new", "unseen"], SHOPS)
os.makedirs("columns", exist_ok=True)
write("training.csv", training)
write("test.csv", test)

NAMED = "city: most_frequent"
cases = []
for missing, indicators, policies, wanted, weighting, size, scaled in [
    ("{all: median, level: most_frequent, %s}" % NAMED, "true",
     ["median", "most_frequent", "", "median"], "needed", "tfidf", 12, True),
    ("{all: mean, %s}" % NAMED, "[amount, note]",
     ["mean", "mean", "", "mean"], ["amount", "note"], "counts", 9, True),
    ("{all: most_frequent, shop: error, note: error}", "false",
     ["most_frequent", "most_frequent", "", "most_frequent"], [], "tfidf", 1000, False),
    ("drop", "true", None, "needed", "tfidf", 1000, True),
]:
    rows = [training, test]
    if "shop: error" in missing:
        places = [HEADER.index(name) for name in ("shop", "note")]
        missing = missing.replace("error", "drop")
        rows = [[row for row in part if all(row[place] for place in places)] for part in rows]
    samples, size = make(*rows, policies, wanted, weighting, size, scaled)
    cases.append({
        "settings": "missing: %s, indicators: %s, standardise: %s, words: [{column: note, "
                    "vocabulary: %d, weighting: %s}]"
                    % (missing, indicators, str(scaled).lower(), size, weighting),
        "names": samples.names,
        "learned": samples.learned,
        "missing_counts": policies is not None,
        "samples": [np.hstack(part).tolist() for part in samples.features],
        "shop": samples.fields["shop"],
    })
with open("columns/columns.json", "w") as file:
    json.dump(cases, file, ensure_ascii=False, indent=None, separators=(",", ":"))
    file.write("\n")
