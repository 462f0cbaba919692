"""Compares the automatic constants with the best of a grid, picture by picture.

    grid.py FOLDER_OF_PICTURES --aim fit|generalise [--inr PROGRAM] [--threads N] [--only NAME,...]
        [--multiples M,...] [--rates R,...] [--passes N] [--seeds S,...]

`--aim fit`: PSNR of 10 passes (--passes N; 0: the default length) over all pixels (pictures called
fit_*), the first layer's frequency a multiple of the samples along a side and the learning rates
--rates, against what `inr fit image --aim fit` chooses by itself.

`--aim generalise`: PSNR of the pixels between every second row and column, after the default number
of steps, against the default, bilinear and cubic interpolation.

Every figure is the mean of runs with the seeds --seeds (default: 0). Where the best multiple is the
largest, larger ones are tried. The table has the best rate of each multiple. Prints a Markdown table; pictures come from `pictures.py`.
"""

import argparse
import json
import pathlib
import subprocess
import tempfile

import numpy as np
from scipy import ndimage
from skimage import io

MULTIPLES = {"fit": (0.15, 0.3, 0.45, 0.6, 0.8, 1, 1.2), "generalise": (0.12, 0.2, 0.27, 0.4)}
LARGER = (1.4, 1.7, 2.0)


def run(arguments, picture, options):
    """The mean PSNR over the seeds, and the configuration."""
    values = []
    for seed in arguments.seeds:
        with tempfile.TemporaryDirectory() as folder:
            call = [arguments.inr, "fit", "image", picture, *options, "-q", "--json", "-o", folder]
            call += ["--threads", str(arguments.threads), "--seed", seed]
            done = subprocess.run(call, check=True, capture_output=True, text=True)
            record = json.loads((pathlib.Path(folder) / "run.json").read_text())
        metrics = json.loads(done.stdout)
        values.append(metrics.get("psnr_held_out", metrics["psnr"]))
    return np.mean(values), record["configuration"]


def interpolated(picture, order):
    """PSNR of the withheld pixels when the kept ones are interpolated by a spline."""
    rows, columns = (side for side in picture.shape)
    places = np.mgrid[0:rows, 0:columns] / 2
    field = ndimage.map_coordinates(picture[::2, ::2], places, order=order, mode="nearest")
    hidden = np.ones(picture.shape, bool)
    hidden[::2, ::2] = False
    return -10 * np.log10(np.mean((field.clip(0, 1) - picture)[hidden] ** 2))


def row(arguments, path):
    picture = io.imread(path).astype(float) / 255
    fits = arguments.aim == "fit"
    side = np.sqrt(picture.size if fits else picture.size / 4)
    common = ["--epochs", arguments.passes] if fits and arguments.passes != "0" else []
    common += [] if fits else ["--hold-out", "0.75"]
    common += ["--aim", arguments.aim]
    chosen, configuration = run(arguments, path, common)

    def best(multiple):
        first = ["--first-omega0", f"{multiple * side:.1f}"]
        rates = [["--learning-rate", rate] for rate in arguments.rates] if fits else [[]]
        return max(run(arguments, path, [*common, *first, *rate])[0] for rate in rates)

    values = [best(multiple) for multiple in arguments.multiples]
    beyond = []
    for multiple in LARGER if fits else ():
        if values[-1] < max(values) or beyond and beyond[-1] < max([*values, *beyond]):
            break
        beyond.append(best(multiple))
    if fits:
        others = [max([*values, *beyond])]
    else:
        others = [interpolated(picture, 1), interpolated(picture, 3)]
    omega0 = configuration["architecture"]["first_constants"]["omega0"]
    cells = [path.stem.removeprefix("fit_"), f"{configuration['bandwidth']:.2f}"]
    cells += [f"{value:.2f}" for value in values + others]
    cells += [f"{omega0 / side:.2f}", f"**{chosen:.2f}**", f"{chosen - max([*values, *beyond]):+.2f}"]
    return "| " + " | ".join(cells) + " |"


def main():
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--aim", choices=MULTIPLES, required=True)
    parser.add_argument("--inr", default=".build/release/inr")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--only", default="")
    parser.add_argument("--multiples")
    parser.add_argument("--rates", default="2e-4,3e-4,5e-4")
    parser.add_argument("--passes", default="10")
    parser.add_argument("--seeds", default="0")
    arguments = parser.parse_args()
    arguments.seeds = arguments.seeds.split(",")
    arguments.rates = arguments.rates.split(",")
    given = [float(multiple) for multiple in (arguments.multiples or "").split(",") if multiple]
    arguments.multiples = given or MULTIPLES[arguments.aim]
    heads = ["picture", "radius", *(f"{multiple:g}" for multiple in arguments.multiples)]
    heads += ["best"] if arguments.aim == "fit" else ["bilinear", "cubic"]
    heads += ["chosen", "auto", "to the best"]
    print("| " + " | ".join(heads) + " |\n" + "| --- " * len(heads) + "|")
    wanted = [name for name in arguments.only.split(",") if name]
    for path in sorted(arguments.folder.glob("*.png")):
        if path.stem.startswith("fit_") != (arguments.aim == "fit"):
            continue
        if not wanted or path.stem.removeprefix("fit_") in wanted:
            print(row(arguments, path), flush=True)


if __name__ == "__main__":
    main()
