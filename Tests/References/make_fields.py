"""Writes fields.h5 and masks/*.png: arrays of several shapes and types as h5py and Pillow write them.

The tests know the numbers by formula: element [i, j, ...] of the base array is 7 i + 5 j + 3 k + 11 l.
"""

import pathlib
import sys

import h5py
import numpy as np
from PIL import Image
from PIL.PngImagePlugin import PngInfo


def numbers(*shape):
    places = np.indices(shape)
    return sum((7, 5, 3, 11)[axis] * places[axis] for axis in range(len(shape)))


def write_arrays(path):
    with h5py.File(path, "w", libver=("v110", "v110")) as file:
        # Sequences of 4 steps with 3 features; -1 is an ignored class.
        file["steps/x"] = numbers(7, 4, 3) / 4.0
        sample, step = np.indices((7, 4))
        file["steps/y"] = (7 * sample + 3 * step) % 5 - 1
        file["steps/lengths"] = (np.arange(7) % 4 + 1).astype(np.uint16)
        file["steps/pairs"] = (numbers(7, 2) / 2.0).astype(np.float16)
        # Images of 5 x 4 pixels with a class for each; 255 is none, and one sample has no other.
        file.create_dataset(
            "images/x", data=(numbers(6, 5, 4) % 256).astype(np.uint8), chunks=(2, 5, 4),
            compression="gzip")
        masks = (numbers(6, 5, 4) % 4).astype(np.uint8)
        masks[masks == 3] = 255
        masks[4] = 255
        file["images/y"] = masks
        file["images/planar"] = masks[:, None].astype(np.int16)
        # Two real numbers for each pixel, in planes.
        maps = numbers(6, 2, 5, 4) / 8.0
        maps[2, 1, 3, 0] = np.nan
        file["images/maps"] = maps
        # What is refused.
        large = np.arange(7, dtype=np.int64)
        large[5] = 3_000_000_000
        file["bad/large"] = large
        infinite = np.arange(28, dtype=np.float32).reshape(7, 4)
        infinite[2, 3] = np.inf
        file["bad/infinite"] = infinite
        file["bad/short"] = np.arange(6)
        file["bad/label"] = np.where(np.arange(28).reshape(7, 4) == 13, -2, 0)


def write_masks(folder):
    folder.mkdir(exist_ok=True)
    classes = (numbers(5, 4) % 4).astype(np.uint8)
    classes[classes == 3] = 255
    Image.fromarray(classes).save(folder / "grey.png")
    # Places in a palette of 4 bits, whose colours mean nothing.
    image = Image.fromarray((numbers(5, 4) % 4).astype(np.uint8)).convert("P")
    image.putdata([int(n) for n in (numbers(5, 4) % 4).ravel()])
    image.putpalette([200, 10, 10, 10, 200, 10, 10, 10, 200, 9, 9, 9])
    image.save(folder / "palette.png", bits=4)
    Image.fromarray(numbers(5, 4) % 2 == 1).save(folder / "bits.png")
    gamma = PngInfo()
    gamma.add(b"gAMA", (100_000).to_bytes(4, "big"))
    Image.fromarray(classes).save(folder / "gamma.png", pnginfo=gamma)
    Image.fromarray(np.stack([classes] * 3, axis=-1)).save(folder / "coloured.png")


if __name__ == "__main__":
    destination = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else __file__).resolve()
    destination = destination if destination.is_dir() else destination.parent
    write_arrays(destination / "fields.h5")
    write_masks(destination / "masks")
