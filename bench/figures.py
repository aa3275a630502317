#!/usr/bin/env python3
"""Measures the figures of a Markdown file anew.

    python bench/figures.py docs/performance.md

Each block that follows a line `<!-- $ COMMAND -->` is replaced by what the command prints; the
commands run from the root of the repository, by a shell that has bin/ in its PATH.
"""

import os
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
BLOCK = re.compile(r"(<!-- \$ (.+?) -->\n\n```\n).*?(```\n)", re.DOTALL)


def measured(match):
    print(match[2], file=sys.stderr)
    result = subprocess.run(
        match[2], shell=True, cwd=ROOT, capture_output=True, text=True,
        env=os.environ | {"PATH": f"{ROOT / 'bin'}:{os.environ['PATH']}"})
    if result.returncode != 0:
        sys.exit(f"{match[2]}: exit {result.returncode}: {result.stderr.strip()}")
    return match[1] + result.stdout + match[3]


def main():
    for name in sys.argv[1:]:
        page = pathlib.Path(name)
        page.write_text(BLOCK.sub(measured, page.read_text()))


if __name__ == "__main__":
    main()
