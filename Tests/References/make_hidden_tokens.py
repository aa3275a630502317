"""Writes hidden_tokens.json: what hiding makes of samples of a text, by Philox4x32-10 in plain Python.

Run: python make_hidden_tokens.py"""

import json

PURPOSE = 18
WORD = 0xFFFFFFFF


def philox(counter, seed):
    c0, c1, c2, c3 = counter
    k0, k1 = seed & WORD, seed >> 32
    for _ in range(10):
        p0, p1 = c0 * 0xD2511F53, c2 * 0xCD9E8D57
        c0, c1, c2, c3 = (p1 >> 32) ^ c1 ^ k0, p1 & WORD, (p0 >> 32) ^ c3 ^ k1, p0 & WORD
        k0, k1 = (k0 + 0x9E3779B9) & WORD, (k1 + 0xBB67AE85) & WORD
    return c0, c1, c2, c3


def hide(tokens, share, vocabulary, seed, epoch, sample):
    """The tokens that the network sees, and its targets, -1 where there are none."""
    if epoch is None:
        seed, epoch = 0, 0

    def draw(below, index):
        words = philox((index, sample, epoch, PURPOSE), seed)
        number = sum(word << 32 * (3 - place) for place, word in enumerate(words))
        return number * below >> 128

    missing = max(1, int(share * len(tokens) + 0.5))
    seen, targets = list(tokens), [-1] * len(tokens)
    for place, token in enumerate(tokens):
        if draw(len(tokens) - place, 3 * place) >= missing:
            continue
        missing -= 1
        targets[place] = token
        kind = draw(10, 3 * place + 1)
        if kind < 8:
            seen[place] = vocabulary
        elif kind == 8:
            seen[place] = draw(vocabulary, 3 * place + 2)
    assert missing == 0
    return seen, targets


def main():
    cases = []
    for share, length, vocabulary in [(0.15, 40, 256), (0.01, 7, 256), (0.5, 5, 256), (0.9, 12, 256), (0.15, 1, 256)]:
        text = [(7 * place * place + 3 * place) % 256 for place in range(4 * length + 1)]
        for seed, epoch in [(1, None), (1, 0), (1, 3), (5 << 40, 2)]:
            rows = [
                hide(text[sample * length:(sample + 1) * length], share, vocabulary, seed, epoch, sample)
                for sample in range(4)
            ]
            cases.append({
                "text": text, "length": length, "share": share, "seed": seed, "epoch": epoch,
                "samples": [seen for seen, _ in rows], "targets": [targets for _, targets in rows],
            })
    with open("hidden_tokens.json", "w") as file:
        json.dump(cases, file)
        file.write("\n")


if __name__ == "__main__":
    main()
