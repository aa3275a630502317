"""Golden windows of series, and forecasts without a network, by NumPy: writes series/."""

import csv
import json
import math
from datetime import datetime, timedelta, timezone

import numpy as np

LENGTH, HORIZON, STRIDE, TEST, VALIDATION = 6, 2, 2, 0.2, 0.25
WORDS = ["open", "shut", "away"]
rng = np.random.default_rng(3)


def draw(name, count, start, level):
    """Rows of a series: a cycle of a day, a drift and noise."""
    rows = []
    for row in range(count):
        time = start + timedelta(hours=5 * row)
        load = level + 30 * math.sin(2 * math.pi * row / 4.8) + 0.5 * row + rng.normal(0, 3)
        heat = 12 + 5 * math.cos(2 * math.pi * row / 11) + rng.normal(0, 1)
        rows.append([time, name, round(load, 3), round(heat, 2), WORDS[rng.integers(3)]])
    return rows


series = {
    "north": draw("north", 60, datetime(2023, 12, 25, tzinfo=timezone.utc), 400),
    "south": draw("south", 50, datetime(2023, 12, 26, 2, tzinfo=timezone.utc), 250),
}
with open("series/load.csv", "w", newline="") as file:
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(["at", "load", "station", "door", "note", "heat"])
    for time, name, load, heat, word in sorted(sum(series.values(), []), key=lambda row: row[0]):
        writer.writerow([time.strftime("%Y-%m-%dT%H:%M:%SZ"), load, name, word, "x", heat])


def rounded(number):
    return math.floor(number + 0.5)


def parts(count):
    test = count - rounded(TEST * count)
    validation = test - rounded(VALIDATION * test)
    return {"training": (0, validation), "validation": (validation, test), "test": (test, count)}


def measure(values):
    return np.mean(values), np.std(values)


columns = {
    place: measure([row[place] for rows in series.values()
                    for row in rows[slice(*parts(len(rows))["training"])]])
    for place in (2, 3)
}
words = sorted(WORDS)


def step(row):
    time, _, load, heat, word = row
    midnight = time.replace(hour=0, minute=0, second=0)
    year = datetime(time.year, 1, 1, tzinfo=timezone.utc)
    next_year = datetime(time.year + 1, 1, 1, tzinfo=timezone.utc)
    phases = [
        (time - midnight) / timedelta(days=1),
        (time.weekday() + (time - midnight) / timedelta(days=1)) / 7,
        (time - year) / (next_year - year),
    ]
    # In the order of the header: load, door, heat.
    return [
        (load - columns[2][0]) / columns[2][1], *[float(word == other) for other in words],
        (heat - columns[3][0]) / columns[3][1],
        *[wave(2 * math.pi * phase) for phase in phases for wave in (math.sin, math.cos)],
    ]


def windows(part):
    samples, targets = [], []
    for rows in series.values():
        first, last = parts(len(rows))[part]
        steps = np.array([step(row) for row in rows])
        for start in range(first, last - LENGTH - HORIZON + 1, STRIDE):
            samples.append(steps[start:start + LENGTH])
            # heat, then load, at each step.
            targets.append(steps[start + LENGTH:start + LENGTH + HORIZON][:, [4, 0]])
    return np.array(samples), np.array(targets)


def lags(samples, column):
    return np.hstack([samples[:, :, column], np.ones((len(samples), 1))])


def error(predictions, truth, deviation):
    return float(np.sqrt(np.mean((predictions - truth) ** 2)) * deviation)


golden = {part: {} for part in ("training", "validation", "test")}
samples, targets = windows("training")
for part in golden:
    others, truth = windows(part)
    last, regression = [], []
    for ahead in range(HORIZON):
        for number, (column, place) in enumerate([(4, 3), (0, 2)]):
            fit = np.linalg.lstsq(lags(samples, column), targets[:, ahead, number], rcond=None)[0]
            deviation = columns[place][1]
            last.append(error(others[:, -1, column], truth[:, ahead, number], deviation))
            regression.append(
                error(lags(others, column) @ fit, truth[:, ahead, number], deviation))
    golden[part] = {
        "count": len(others), "samples": others.ravel().tolist(), "targets": truth.ravel().tolist(),
        "last_value": last, "autoregression": regression,
    }
with open("series/windows.json", "w") as file:
    json.dump(golden, file)
    file.write("\n")
