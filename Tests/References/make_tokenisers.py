"""Writes tokenisers/: texts, and what the Python package `tokenizers` makes of them.

GPT-2's byte-pair encoding: all 256 bytes are tokens, a pair that is seen once is merged too.
"""

import json
import pathlib
import random
import tempfile

from tokenizers import Tokenizer, models, pre_tokenizers, trainers

FOLDER = pathlib.Path(__file__).parent / "tokenisers"
SPLITTER = pre_tokenizers.ByteLevel(add_prefix_space=False)

SCRIPTS = [
    "etaoinshrdlu", "ETAOIN", "äöüßéèñçøåž", "e\u0301a\u0308n\u0303o\u0302", "αβγδεζηθικλμνξοπρστ",
    "абвгдежзийклмнопрст", "אבגדהוזחטיכל", "ابتثجحخدذرزسش", "कखगघङचछजझ\u093f\u0940\u094d",
    "กขคงจฉชซ\u0e34\u0e35\u0e48", "的一是不了人我在有他这中大来上国", "あいうえおカキクケコ",
    "가나다라마바사아자차", "ᚠᚢᚦᚨᚱᚲ", "𝒜𝒷𝒸𝒹", "ʰʲʷˠ",
]
NUMBERS = ["0123456789", "٠١٢٣٤", "½¼¾", "ⅠⅡⅣⅧ", "①②③", "०१२"]
MARKS = [
    ".", ",", "!?", "...", "--", "«»", "()", "'", "''", "😀😂🙏", "👩\u200d🚀", "🇩🇪🇫🇷", "👍🏽", "€$",
    "\u200b", "\ufeff", "\ufffd", "\u0301", "\x00\x01", "\x7f\x9f", "\U0010ffff", "\ue000", "_", "#", "\u00ad",
]
SPACES = [" "] * 40 + ["\n"] * 6 + [
    "  ", "   ", "\n\n", "\n\n\n", " \n", "\t", "\r\n", "\u00a0", "\u3000", "\u2028", "\u0085", " \u00a0 ", "",
]
ENDINGS = ["'s", "'t", "'re", "'ve", "'m", "'ll", "'d", "'S", "'x", "'r", "'l", "'v"]


def word(draw):
    kind = draw.random()
    if kind < 0.1:
        letters = draw.choice(NUMBERS)
    elif kind < 0.2:
        return draw.choice(MARKS) * draw.randint(1, 3)
    else:
        letters = SCRIPTS[0] if kind < 0.6 else draw.choice(SCRIPTS)
    text = "".join(draw.choice(letters) for _ in range(draw.randint(1, 8)))
    return text + (draw.choice(ENDINGS) if draw.random() < 0.1 else "")


def passage(draw, words):
    """Words come again, as in a language."""
    known = [word(draw) for _ in range(words // 8)]
    return "".join(
        (draw.choice(known) if draw.random() < 0.7 else word(draw)) + draw.choice(SPACES)
        for _ in range(words))


def ties(draw):
    """Short words of few letters, where many pairs are equally frequent, and runs of one letter."""
    letters = draw.choice(["ab", "aab", "abc ", "a", "ab1 '\n", "aß\u0301\u0645 😀\u0663½\u3000'sdt"])
    return "".join(
        draw.choice([
            "".join(draw.choice(letters) for _ in range(draw.randint(1, 12))),
            draw.choice(letters) * draw.randint(1, 20),
        ]) + draw.choice([" ", "\n", ""])
        for _ in range(draw.choice([3, 10, 40])))


def trained(text, size):
    tokeniser = Tokenizer(models.BPE())
    tokeniser.pre_tokenizer = SPLITTER
    trainer = trainers.BpeTrainer(
        vocab_size=size, initial_alphabet=pre_tokenizers.ByteLevel.alphabet(), show_progress=False)
    with tempfile.NamedTemporaryFile("w", newline="", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        tokeniser.train([file.name], trainer)
    return tokeniser


def merges(tokeniser):
    return [" ".join(pair) for pair in json.loads(tokeniser.to_str())["model"]["merges"]]


def write(name, text):
    (FOLDER / name).write_bytes(text.encode())


def main():
    FOLDER.mkdir(exist_ok=True)
    draw = random.Random(1)
    text = passage(draw, 2500)
    tokeniser = trained(text, 1000)
    tokeniser.model.save(str(FOLDER))
    write("text.txt", text)
    parts = [len(text[first:last].encode()) for _, (first, last) in SPLITTER.pre_tokenize_str(text)]
    other = passage(random.Random(2), 800)
    write("other.txt", other)
    write("encoded.json", json.dumps({
        "parts": parts, "text": tokeniser.encode(text).ids, "other": tokeniser.encode(other).ids}) + "\n")
    cases = []
    for _ in range(60):
        text = ties(draw)
        size = 256 + draw.choice([1, 5, 20, 200])
        tokeniser = trained(text, size)
        cases.append(
            {"text": text, "size": size, "merges": merges(tokeniser), "ids": tokeniser.encode(text).ids})
    write("ties.json", json.dumps(cases, ensure_ascii=False, indent=0) + "\n")


main()
