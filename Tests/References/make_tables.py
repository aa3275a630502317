"""Writes booleans.h5: booleans and real numbers of whole value as h5py writes them.

Usage: python make_tables.py FOLDER
"""

import sys
from pathlib import Path

import h5py
import numpy as np


def write_booleans(path):
    rows = np.arange(18).reshape(6, 3)
    with h5py.File(path, "w", libver=("v110", "v110")) as file:
        file["flags"] = rows % 4 == 1
        file["answers"] = np.arange(6) % 3 == 0
        file["numbers"] = rows / 4
        file["classes"] = np.arange(6) % 3 * 1.0
        file["small"] = (np.arange(6) % 2).astype("f4")
        file["halves"] = np.arange(6) / 2
        kinds = h5py.enum_dtype({"RED": 0, "GREEN": 1, "BLUE": 2}, basetype="i1")
        file.create_dataset("kinds", data=np.arange(6) % 3, dtype=kinds)


if __name__ == "__main__":
    write_booleans(Path(sys.argv[1]) / "booleans.h5")
