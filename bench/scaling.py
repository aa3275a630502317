#!/usr/bin/env python3
"""Losses of larger networks, predicted before they are trained: `python bench/scaling.py FOLDER`.

Draws a text, trains small LSTMs on it with equal amounts of compute, fits the law of scaling to them with `nn-dist plan
--fit`, predicts the losses of runs with four times the compute of the largest, then trains those. No run reads a part
of the text twice, and each has a schedule of its own length. It takes a few minutes on one core; runs that FOLDER holds
already are not repeated.
"""

import argparse
import json
import pathlib
import subprocess
import sys

import numpy

BUDGETS = [1e10, 3e10, 1e11, 3e11]  # operations, 6 for each parameter and token
UNITS = [8, 12, 16, 24, 32, 48, 64, 96]
LARGER = {"budget": 4 * BUDGETS[-1], "units": [48, 64, 96, 128]}
BATCH, LENGTH = 8, 64
LEAST_STEPS, MOST_TOKENS = 400, 12_000_000

CONFIGURATION = """
name: {name}
seed: 1
data:
  dataset: {{text: {{training: training.txt, test: test.txt, length: {length}}}}}
  from: {folder}
  batch: {batch}
model: [{{embedding: {{size: {units}}}}}, {{lstm: {units}}}, {{dense: tokens}}]
loss: cross_entropy
optimizer: {{adamw: {{learning_rate: {rate:.5f}, beta2: 0.99, weight_decay: 0.01}}}}
schedule: {{cosine: {{to: {last:.6f}, warmup: {warmup} steps}}}}
clip: {{norm: 1}}
train: {{steps: {steps}}}
"""


class Language:
    """Sentences of words. Each word follows its class, or the word before it; a few words are most of the text.

    Frequent words, rare ones, and what follows each are learned one after the other, so that networks of every size
    have something to learn.
    """

    WORDS, CLASSES, SUCCESSORS, SENTENCE = 20_000, 12, 6, 12

    def __init__(self, generator):
        self.generator = generator
        self.words = self.draw_words()
        share = 1 / numpy.arange(1, self.WORDS + 1)
        self.totals = numpy.cumsum(share / share.sum())
        self.totals[-1] = 1
        self.successors = self.draw((self.WORDS, self.SUCCESSORS))

    def draw_words(self):
        def letters(text, *shape):
            share = 1 / numpy.arange(1, len(text) + 1)
            return self.generator.choice(list(text), shape, p=share / share.sum())

        words = {}
        while len(words) < self.WORDS:
            syllables = 1 + (len(words) > 200) + min(self.generator.geometric(0.6) - 1, 3)
            first, last = letters("tnsrldkmpbgvfzhj", 2, syllables)
            last[self.generator.random(syllables) > 0.3] = ""
            word = "".join(map("".join, zip(first, letters("aeiou", syllables), last)))
            words[word] = None
        return numpy.array(list(words))

    def draw(self, shape):
        """Words as frequent as Zipf says."""
        return numpy.searchsorted(self.totals, self.generator.random(shape))

    def text(self, sentences):
        generator, columns = self.generator, [self.draw(sentences)]
        for _ in range(self.SENTENCE - 1):
            last, word = columns[-1], self.draw(sentences)
            wanted = (last + 1 + (generator.random(sentences) < 0.3)) % self.CLASSES
            word = numpy.minimum(word - word % self.CLASSES + wanted, self.WORDS - 1)
            place = numpy.minimum(generator.geometric(0.5, sentences), self.SUCCESSORS) - 1
            follows = generator.random(sentences) < 0.5
            columns.append(numpy.where(follows, self.successors[last, place], word))
        return "".join(" ".join(line) + ".\n" for line in self.words[numpy.stack(columns, 1)])


def parse():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=pathlib.Path, help="for text, configurations and runs")
    parser.add_argument("--program", type=pathlib.Path, default="bin/nn-dist", help="nn-dist")
    arguments = parser.parse_args()
    arguments.folder = arguments.folder.resolve()
    arguments.program = arguments.program.resolve()
    return arguments


def write_text(folder):
    language = Language(numpy.random.default_rng(1))
    for name, sentences in {"training": 190_000, "test": 6_000}.items():
        path = folder / f"{name}.txt"
        text = language.text(sentences)
        if not path.exists():
            path.write_text(text)
    return len(set(text))


class Run:
    """A network, trained once on as many tokens as a budget allows."""

    def __init__(self, arguments, symbols, units, budget):
        self.arguments, self.units, self.budget = arguments, units, budget
        # Both matrices of the four gates with two biases; one more symbol is for those that the text lacks.
        self.parameters = 8 * units * (units + 1) + (symbols + 1) * (2 * units + 1)
        self.steps = round(budget / 6 / self.parameters / BATCH / LENGTH)
        self.tokens = self.steps * BATCH * LENGTH
        self.name = f"{budget:g}-{units}".replace("+", "")
        self.folder = arguments.folder / self.name

    @property
    def fits(self):
        return LEAST_STEPS <= self.steps and self.tokens <= MOST_TOKENS

    def train(self):
        """The loss of the test set in the end."""
        metrics = self.folder / "metrics.jsonl"
        if not metrics.exists() or self.last(metrics)["step"] < self.steps:
            rate = 0.02 * (64 / self.units) ** 0.5
            configuration = self.folder.with_name(f"{self.name}.yaml")
            configuration.write_text(CONFIGURATION.format(
                name=self.name, folder=self.arguments.folder, batch=BATCH, length=LENGTH, units=self.units,
                rate=rate, last=rate / 10, warmup=self.steps // 20, steps=self.steps))
            found = execute(self.arguments, "summary", configuration)["parameters"]
            if found != self.parameters:
                sys.exit(f"{configuration}: {found} parameters, {self.parameters} expected")
            subprocess.run(
                [self.arguments.program, "train", configuration, "--run", self.folder, "--fresh", "--workers", "1"],
                check=True, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
        return self.last(metrics)["loss"]

    @staticmethod
    def last(metrics):
        return json.loads(metrics.read_text().splitlines()[-1])


def execute(arguments, *words):
    """The JSON that a command of nn-dist prints."""
    result = subprocess.run(
        [arguments.program, *words, "--json"], check=True, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE)
    return json.loads(result.stdout)


def table(runs, *columns):
    """A line for each run; further columns are functions of it."""
    for run in runs:
        cells = [run.name, f"{run.parameters:,}", f"{run.tokens:,}", *(column(run) for column in columns)]
        print("| " + " | ".join(cells) + " |", flush=True)
    print()


def main():
    arguments = parse()
    arguments.folder.mkdir(parents=True, exist_ok=True)
    symbols = write_text(arguments.folder)

    def runs(budgets, units):
        candidates = [Run(arguments, symbols, size, budget) for budget in budgets for size in units]
        return [run for run in candidates if run.fits]

    small = runs(BUDGETS, UNITS)
    print("Run, parameters, tokens and loss:")
    table(small, lambda run: f"{run.train():.4f}")
    constants = execute(arguments, "plan", "--fit", *(run.folder for run in small))["fit"]["constants"]
    print(", ".join(f"{name} {value:.4g}" for name, value in constants.items()) + "\n")

    def predicted(run):
        e, a, b, alpha, beta = (constants[name] for name in ("E", "A", "B", "alpha", "beta"))
        return e + a / run.parameters ** alpha + b / run.tokens ** beta

    larger = runs([LARGER["budget"]], LARGER["units"])
    print("Predicted, before they are trained:")
    table(larger, lambda run: f"{predicted(run):.4f}")
    print("Run, parameters, tokens, predicted loss, found loss and error:")
    table(
        larger, lambda run: f"{predicted(run):.4f}", lambda run: f"{run.train():.4f}",
        lambda run: f"{100 * (predicted(run) / run.train() - 1):+.2f} %")


if __name__ == "__main__":
    main()
