"""Makes the pictures on which the automatic constants are judged.

    pictures.py OUTPUT_FOLDER [FOLDER_WITH_ct_AND_images]

Gray pictures of about 256 x 256 pixels for `grid.py --aim fit`, larger ones for `--aim generalise`:
photographs, text, textures and computed pictures from scikit-image's wheel and this repository, and
two CT slices and a photograph from the second folder, if it is given.
"""

import pathlib
import sys

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


def pictures(extra):
    """Names and pictures; those whose names begin with fit_ are for --aim fit."""
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
    for name, picture in large.items():
        yield name, picture
        if picture.shape == (512, 512):
            yield f"fit_{name}", averaged(picture)
        elif name in ("text", "page"):
            yield f"fit_{name}", picture
        else:
            yield f"fit_{name}", cropped(picture)
    yield "fit_gradient", smooth()
    yield "gradient", smooth(384)
    if extra:
        yield "fit_kodim08", cropped(gray(extra / "images/kodim08.png"))


def main():
    if len(sys.argv) not in (2, 3):
        sys.exit(__doc__)
    output = pathlib.Path(sys.argv[1])
    output.mkdir(parents=True, exist_ok=True)
    for name, picture in pictures(pathlib.Path(sys.argv[2]) if len(sys.argv) == 3 else None):
        rounded = (np.clip(picture, 0, 1) * 255 + 0.5).astype(np.uint8)
        io.imsave(output / f"{name}.png", rounded, check_contrast=False)


if __name__ == "__main__":
    main()
