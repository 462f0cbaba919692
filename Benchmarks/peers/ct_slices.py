"""Makes the two real slices of the tomography benchmark from computed tomograms in Hounsfield units.

    ct_slices.py DATA_FOLDER OUTPUT_FOLDER

Reads ct_chest_ge_512.npy and ct_head_ge_512.npy, 512 x 512 pixels each, and writes chest.npy and
head.npy, 256 x 256: attenuation relative to water (1 + HU / 1000, at least 0), the means of 2 x 2
pixels, divided by the largest of them, 0 outside the circle inscribed in the slice.
"""

import pathlib
import sys

import numpy as np


def prepared(hounsfield: np.ndarray) -> np.ndarray:
    attenuation = np.clip(1 + hounsfield.astype(np.float64) / 1000, 0, None)
    rows, columns = attenuation.shape[0] // 2, attenuation.shape[1] // 2
    means = attenuation.reshape(rows, 2, columns, 2).mean(axis=(1, 3))
    means /= means.max()
    y = np.arange(rows)[:, None] - (rows - 1) / 2
    x = np.arange(columns)[None, :] - (columns - 1) / 2
    means[np.hypot(y, x) > min(rows, columns) / 2] = 0
    return means.astype(np.float32)


def main() -> None:
    if len(sys.argv) != 3:
        sys.exit("usage: ct_slices.py DATA_FOLDER OUTPUT_FOLDER")
    data, output = map(pathlib.Path, sys.argv[1:])
    for name in ("chest", "head"):
        np.save(output / f"{name}.npy", prepared(np.load(data / f"ct_{name}_ge_512.npy")))


if __name__ == "__main__":
    main()
