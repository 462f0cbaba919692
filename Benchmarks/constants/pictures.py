"""Makes the pictures on which the automatic constants are judged.

    pictures.py OUTPUT_FOLDER [FOLDER_WITH_ct_AND_images] [--sides SIDE,...]

For `grid.py --aim fit`, gray pictures called fit_NAME_SIDE with about SIDE x SIDE pixels (default: 64, 128,
192, 256, 512 and 1024): photographs, text, textures and computed pictures from scikit-image's wheel and
this repository, a CT slice and a photograph from the second folder, if it is given. None is enlarged: those
that are too small are left out. For `--aim generalise`, pictures of their own sizes.
"""

import argparse
import itertools
import pathlib

import numpy as np
import skimage
from skimage import color, io, util

ROOT = pathlib.Path(__file__).resolve().parents[2]
WHEEL = pathlib.Path(skimage.__file__).parent / "data"


def gray(path):
    picture = util.img_as_float(io.imread(path))
    return color.rgb2gray(picture[..., :3]) if picture.ndim == 3 else picture


def averaged(picture, factor=2):
    rows, columns = (side // factor * factor for side in picture.shape)
    parts = picture[:rows, :columns].reshape(rows // factor, factor, columns // factor, factor)
    return parts.mean(axis=(1, 3))


def middle(picture, side):
    """The middle of a picture, or as much of it as there is."""
    rows, columns = (min(length, side) for length in picture.shape)
    top, left = (picture.shape[0] - rows) // 2, (picture.shape[1] - columns) // 2
    return picture[top : top + rows, left : left + columns]


def cropped(picture, side=256):
    top, left = ((length - side) // 2 for length in picture.shape)
    return picture[top : top + side, left : left + side]


def attenuation(path):
    slice_ = np.load(path).astype(float)
    low, high = np.percentile(slice_, [0.5, 99.9])
    return (slice_ - low) / (high - low)


def smooth(side=256):
    y, x = np.mgrid[0:side, 0:side] / side - 0.5
    return 0.5 + 0.5 * x + 0.25 * y + 0.2 * np.exp(-((x - 0.1) ** 2 + (y + 0.2) ** 2) / 0.02)


def fit_pictures(extra, sides):
    """Names and pictures for --aim fit."""
    photographs = {name: gray(WHEEL / f"{name}.png") for name in ("astronaut", "brick", "moon")}
    photographs["cameraman"] = gray(ROOT / "data/cameraman.png")
    if extra:
        photographs["ct_head"] = attenuation(extra / "ct/ct_head_ge_512.npy")
        photographs["kodim08"] = gray(extra / "images/kodim08.png")
    details = {
        name: gray(WHEEL / f"{name}.png") for name in ("grass", "text", "page", "phantom", "cell")
    }
    for side in sides:
        for name, picture in photographs.items():
            if min(picture.shape) >= side:
                reduced = averaged(picture, min(picture.shape) // side)
                yield f"fit_{name}_{side}", middle(reduced, side)
        for name, picture in details.items():
            if min(picture.shape) >= 0.65 * side:
                yield f"fit_{name}_{side}", middle(picture, side)
        if side > 800:
            for name in ("hubble_deep_field", "retina"):
                picture = gray(WHEEL / f"{name}.jpg")
                yield f"fit_{name}_{side}", middle(picture, min(side, *picture.shape))
        yield f"fit_gradient_{side}", smooth(side)


def generalise_pictures(extra):
    """Names and pictures for --aim generalise."""
    large = {name: gray(WHEEL / f"{name}.png") for name in ("astronaut", "brick", "moon", "cell")}
    large["cameraman"] = gray(ROOT / "data/cameraman.png")
    large["cell"] = cropped(large["cell"], 512)
    if extra:
        large["ct_head"] = attenuation(extra / "ct/ct_head_ge_512.npy")
        large["ct_chest"] = attenuation(extra / "ct/ct_chest_ge_512.npy")
    for name in ("coins", "text", "page", "phantom", "chelsea"):
        large[name] = gray(WHEEL / f"{name}.png")
    for name in ("grass", "gravel"):
        large[name] = cropped(gray(WHEEL / f"{name}.png"), 384)
    noise = np.random.default_rng(0).standard_normal((512, 512))
    large["noisy"] = large["cameraman"] + 0.08 * noise
    yield from large.items()
    yield "gradient", smooth(384)


def main():
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument("output", type=pathlib.Path)
    parser.add_argument("extra", type=pathlib.Path, nargs="?")
    parser.add_argument("--sides", default="64,128,192,256,512,1024")
    arguments = parser.parse_args()
    arguments.output.mkdir(parents=True, exist_ok=True)
    sides = [int(side) for side in arguments.sides.split(",")]
    made = [fit_pictures(arguments.extra, sides), generalise_pictures(arguments.extra)]
    for name, picture in itertools.chain(*made):
        rounded = (np.clip(picture, 0, 1) * 255 + 0.5).astype(np.uint8)
        io.imsave(arguments.output / f"{name}.png", rounded, check_contrast=False)


if __name__ == "__main__":
    main()
