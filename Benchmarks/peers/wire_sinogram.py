"""The sinogram of WIRE's tomography experiment, by PyTorch.

    wire_sinogram.py PICTURE.npy OUT.npy [--angles 100] [--threads 4]

PICTURE is [rows, columns]; OUT becomes [angles, columns]. The picture is turned bilinearly about its middle (zeros
outside, corners aligned) within a frame of its own size, and the columns of the frame are summed, as wire_ct.py of WIRE
(arXiv:2301.05187) does with kornia's `rotate`. The angles are linspace(0, 180, angles): the last view is the first one
again, mirrored.

`inr` makes the same numbers:

    inr ct project PICTURE.npy --projector rotation --convention astra --bins COLUMNS --angles=0:-180:100:inclusive
"""

import argparse

import numpy as np
import torch


def sinogram(picture, degrees, dtype=torch.float64):
    """[views, columns] of a picture [rows, columns]; positive angles turn the picture counter-clockwise."""
    rows, columns = picture.shape
    image = torch.as_tensor(np.ascontiguousarray(picture), dtype=dtype)[None, None]
    # grid_sample counts from -1 to 1 between the centres of the outermost pixels, along each axis by itself.
    aspect = (rows - 1) / (columns - 1)
    views = []
    for angle in np.deg2rad(np.asarray(degrees, dtype=np.float64)):
        cosine, sine = np.cos(angle), np.sin(angle)
        turn = torch.tensor([[[cosine, -sine * aspect, 0], [sine / aspect, cosine, 0]]], dtype=dtype)
        grid = torch.nn.functional.affine_grid(turn, (1, 1, rows, columns), align_corners=True)
        turned = torch.nn.functional.grid_sample(
            image, grid, mode="bilinear", padding_mode="zeros", align_corners=True)
        views.append(turned[0, 0].sum(0))
    return torch.stack(views).numpy()


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("picture")
    parser.add_argument("output")
    parser.add_argument("--angles", type=int, default=100)
    parser.add_argument("--threads", type=int, default=4)
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    picture = np.load(arguments.picture)
    if picture.ndim != 2:
        parser.error(f"{arguments.picture} has the shape {picture.shape}, expected [rows, columns]")
    views = sinogram(picture, np.linspace(0, 180, arguments.angles))
    np.save(arguments.output, views.astype(np.float32))


if __name__ == "__main__":
    main()
