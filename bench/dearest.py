#!/usr/bin/env python3
"""The operations that take most of a step: nn-dist bench CONFIG --json | python bench/dearest.py"""

import json
import sys

operations = json.load(sys.stdin)["operations"]
for row in sorted(operations, key=lambda row: -row["ms"])[:10]:
    speed = f"{row['gflops']:6.1f} GFLOP/s" if row["gflops"] else ""
    print(f"{row['ms']:8.3f} ms {100 * row['share']:5.1f} %  {row['layer'] or ''} {row['kind']} {speed}".rstrip())
