"""Writes events/: what the tensorboard package makes of the calls in EventLogTests.swift.

    python make_events.py

Buckets of histograms are counted here with numpy, by the rule of TensorFlow's histogram.cc; framing and
messages are those of tensorboard 2.21.
"""

import os

import numpy as np
from PIL import Image
from tensorboard.compat.proto import event_pb2, summary_pb2, tensor_pb2, tensor_shape_pb2, types_pb2
from tensorboard.plugins.hparams import api_pb2, metadata, plugin_data_pb2, summary_v2 as hparams
from tensorboard.plugins.text import metadata as text_metadata
from tensorboard.summary.writer.record_writer import RecordWriter

HERE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "events")


class Events:
    """A file of events as EventLog lays it out."""

    def __init__(self, folder, time):
        os.makedirs(folder, exist_ok=True)
        self.file = open(os.path.join(folder, "events.out.tfevents"), "wb")
        self.writer = RecordWriter(self.file)
        self.write(event_pb2.Event(wall_time=time, file_version="brain.Event:2"))

    def write(self, event):
        self.writer.write(event.SerializeToString(deterministic=True))

    def add(self, step, time, *values):
        self.write(
            event_pb2.Event(wall_time=time, step=step, summary=summary_pb2.Summary(value=values)))

    def close(self):
        self.writer.close()


def number(tag, value):
    return summary_pb2.Summary.Value(tag=tag, simple_value=value)


def text(tag, text):
    return summary_pb2.Summary.Value(
        tag=tag, metadata=text_metadata.create_summary_metadata(None, None),
        tensor=tensor_pb2.TensorProto(
            dtype=types_pb2.DT_STRING, string_val=[text.encode()],
            tensor_shape=tensor_shape_pb2.TensorShapeProto()))


def limits():
    magnitudes, limit = [], 1e-12
    while limit < 1e20:
        magnitudes.append(limit)
        limit *= 1.1
    magnitudes.append(np.finfo(float).max)
    return np.array([-limit for limit in reversed(magnitudes)] + [0.0] + magnitudes)


def histogram(tag, values):
    values = [float(value) for value in values if np.isfinite(value)]
    edges = limits()
    counts = np.bincount(np.searchsorted(edges, values, side="right"), minlength=len(edges))
    # A run of empty buckets is one bucket, and none stands at either end.
    some = np.flatnonzero(counts)
    kept = [
        (edges[place], counts[place]) for place in range(some[0], some[-1] + 1)
        if counts[place] > 0 or counts[place + 1] > 0
    ]
    total = squares = 0.0
    for value in values:
        total += value
        squares += value * value
    content = summary_pb2.HistogramProto(
        min=min(values), max=max(values), num=len(values), sum=total, sum_squares=squares,
        bucket_limit=[edge for edge, _ in kept], bucket=[count for _, count in kept])
    return summary_pb2.Summary.Value(tag=tag, histo=content)


def picture(tag, path):
    with open(path, "rb") as file:
        data = file.read()
    with Image.open(path) as image:
        size, channels = image.size, len(image.getbands())
    return summary_pb2.Summary.Value(
        tag=tag, image=summary_pb2.Summary.Image(
            width=size[0], height=size[1], colorspace=channels, encoded_image_string=data))


def session_end(status, time):
    """As summary.session_end_pb of the package, which needs all of TensorFlow."""
    end = plugin_data_pb2.SessionEndInfo(status=status, end_time_secs=time)
    return summary_pb2.Summary.Value(
        tag=metadata.SESSION_END_INFO_TAG, tensor=metadata.NULL_TENSOR,
        metadata=metadata.create_summary_metadata(
            plugin_data_pb2.HParamsPluginData(session_end_info=end)))


def numbers():
    """Numbers of both signs, many magnitudes and all kinds; exact in single precision."""
    values = np.array(
        [(k * 7919 % 1000 - 500) * 2.0 ** (k % 150 - 75) for k in range(3000)], np.float32)
    return np.concatenate([values, np.array([np.nan, np.inf, -np.inf, 0, -0.0], np.float32)])


def main():
    os.makedirs(HERE, exist_ok=True)
    for name, mode, size in [("gray", "L", (5, 3)), ("colour", "RGB", (2, 4))]:
        count = size[0] * size[1] * len(mode)
        Image.frombytes(mode, size, bytes(k * 37 % 256 for k in range(count))).save(
            os.path.join(HERE, name + ".png"))

    run = Events(HERE, 1000.25)
    start = hparams.hparams_pb(
        {"optimizer.name": "adam", "learning_rate": 0.001, "nesterov": False, "amsgrad": True,
         "é<&>\"'": "ü", "seed": 0.0},
        start_time_secs=1000.25)
    # The package leaves the order of the settings open, and makes one row of equal settings.
    content = plugin_data_pb2.HParamsPluginData.FromString(
        start.value[0].metadata.plugin_data.content)
    content.session_start_info.group_name = ""
    start.value[0].metadata.plugin_data.content = content.SerializeToString(deterministic=True)
    run.add(
        0, 1000.25, start.value[0],
        text("configuration", "    name: a\n    \n        layers: # [1]\n    "))
    run.add(3, 1001.5, number("learning_rate", 0.001), number("samples_per_second", 1234.5))
    run.add(3, 1001.5, histogram("weights/dense1", numbers()), number("weights/dense1/not_finite", 3))
    run.add(3, 1001.5, histogram("zeros", np.zeros(7)))
    run.add(3, 1001.5, number("nothing/not_finite", 2))
    run.add(4, 1002.5, picture("samples", os.path.join(HERE, "gray.png")))
    run.add(5, 1002.5, picture("samples", os.path.join(HERE, "colour.png")))
    run.add(1 << 40, 1e9, text("sample", "    “<b>” **x**\n    \t2"))
    run.add(1 << 40, 1e9, session_end(api_pb2.STATUS_FAILURE, 1e9))
    run.close()

    training = Events(os.path.join(HERE, "train"), 1001.5)
    training.add(3, 1001.5, number("loss", 0.3), number("accuracy", 1 / 3))
    training.add(6, 1003.0, number("loss", float("nan")), number("accuracy", -0.0))
    training.close()
    validation = Events(os.path.join(HERE, "validation"), 1001.75)
    validation.add(3, 1001.75, number("loss", 1e-30), number("accuracy", 0.0))
    validation.close()


main()
