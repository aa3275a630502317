"""Reads the event files of runs with the tensorboard package and compares them with the logs.

    python read_events.py RUN [RUN ...]

Every number of metrics.jsonl, and every share of dead units of layers.jsonl, must be there once, rounded to single
precision, with its step and time, and no other. Lists histograms, pictures, texts and settings. Exits with 1 if
anything differs.
"""

import json
import os
import struct
import sys

from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
from tensorboard.plugins.hparams import metadata as hparams

FOLDERS = {"run": "", "train": "train", "validation": "validation"}


def single(value):
    """The nearest number of single precision, as text, so that NaN equals NaN."""
    return repr(struct.unpack("<f", struct.pack("<f", value))[0])


def expected(lines, layers):
    """Maps folder and tag to points (step, value, time) of the lines of both files."""
    points = {}
    for line in lines:
        split = line["split"]
        numbers = {"loss": line["loss"], **line["metrics"]}
        rates = {
            name: line.get(name) for name in ("learning_rate", "samples_per_second", "gradient_norm")
            if line.get(name) is not None
        }
        if split == "step":
            named = [("run", f"step/{name}", value) for name, value in {**numbers, **rates}.items()]
        else:
            named = [(split, name, value) for name, value in numbers.items()]
            named += [("run", name, value) for name, value in rates.items()]
        for folder, tag, value in named:
            if folder in FOLDERS:
                value = float("nan") if value is None else value
                points.setdefault((folder, tag), []).append(
                    (line["step"], single(value), line.get("wall_time")))
    for line in layers:
        for layer, share in line["dead"].items():
            points.setdefault(("run", f"dead/{layer}"), []).append((line["step"], single(share), None))
    return points


def found(accumulators):
    return {
        (name, tag): [
            (event.step, single(event.value), event.wall_time) for event in accumulator.Scalars(tag)]
        for name, accumulator in accumulators.items() for tag in accumulator.Tags()["scalars"]
        if not tag.endswith("/not_finite")
    }


def differences(wanted, have):
    for key in sorted(wanted.keys() | have.keys()):
        want, got = wanted.get(key, []), have.get(key, [])
        if [point[:2] for point in want] != [point[:2] for point in got]:
            wrong = [(w, g) for w, g in zip(want, got) if w[:2] != g[:2]][:2]
            yield f"{key}: {len(want)} points in the logs, {len(got)} in events {wrong or ''}"
        elif any(w[2] is not None and abs(w[2] - g[2]) > 0.001 for w, g in zip(want, got)):
            yield f"{key}: times differ"


def json_lines(path):
    if not os.path.exists(path):
        return []
    with open(path, encoding="utf-8") as file:
        return [json.loads(line) for line in file]


def read(run):
    accumulators = {}
    for name, folder in FOLDERS.items():
        path = os.path.join(run, "tensorboard", folder)
        if os.path.exists(os.path.join(path, "events.out.tfevents")):
            # 0 keeps all events.
            accumulators[name] = EventAccumulator(
                os.path.join(path, "events.out.tfevents"),
                size_guidance=dict.fromkeys(("scalars", "histograms", "images", "tensors"), 0))
            accumulators[name].Reload()
    wanted, have = expected(
        json_lines(os.path.join(run, "metrics.jsonl")),
        json_lines(os.path.join(run, "layers.jsonl"))), found(accumulators)
    wrong = list(differences(wanted, have))
    points = sum(map(len, have.values()))
    print(f"{run}: {len(have)} curves, {points} points" + ("" if wrong else ", all equal"))
    for line in wrong:
        print(f"  {line}")
    accumulator = accumulators.get("run")
    if accumulator is None:
        return not wrong
    tags = accumulator.Tags()
    for tag in tags["histograms"]:
        events = accumulator.Histograms(tag)
        counts = {int(event.histogram_value.num) for event in events}
        sums = all(
            sum(event.histogram_value.bucket) == event.histogram_value.num for event in events)
        print(f"  histogram {tag}: {len(events)} of {sorted(counts)} numbers"
              + ("" if sums else ", BUCKETS DO NOT ADD UP"))
        wrong += [] if sums else [tag]
    for tag in tags["images"]:
        sizes = [f"{event.width}x{event.height}" for event in accumulator.Images(tag)]
        print(f"  picture {tag}: {len(sizes)}, {sizes[-1]}")
    for tag in tags["tensors"]:
        if not tag.startswith("_hparams_"):
            texts = [event.tensor_proto.string_val[0].decode() for event in accumulator.Tensors(tag)]
            print(f"  text {tag}: {len(texts)}, {texts[-1][:40]!r}")
    content = accumulator.PluginTagToContent("hparams")
    start = hparams.parse_session_start_info_plugin_data(content[hparams.SESSION_START_INFO_TAG])
    print(f"  settings: {len(start.hparams)}")
    if hparams.SESSION_END_INFO_TAG in content:
        end = hparams.parse_session_end_info_plugin_data(content[hparams.SESSION_END_INFO_TAG])
        print(f"  ended with status {end.status}")
    return not wrong


sys.exit(0 if all([read(run) for run in sys.argv[1:]]) else 1)
