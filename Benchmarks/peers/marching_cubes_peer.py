"""Times scikit-image's marching cubes (Lewiner's tables, one thread) on a volume that is in memory.

Requests (one JSON object a line, as README.md describes for the other peers):
  {"task": "marching-cubes", "volume": FILE, "level": 0.0, "seconds": 1.5}
`volume` is a .npy file [planes, rows, columns]. The reply has the `median` and `minimum` seconds of a run, `other_load` as
from the other peers, and of the mesh `vertices` and `faces`, the `area` and the `enclosed` volume (sample distances are 1),
so that the driver can compare.
"""

import statistics
import sys
import time

import numpy as np
import skimage
from skimage.measure import marching_cubes

from peer_protocol import OtherLoad, parse_arguments, private_stdout, serve


def measures(vertices, faces):
    """The area, and the volume inside, of a closed mesh."""
    a, b, c = (vertices[faces[:, k]].astype(np.float64) for k in range(3))
    normals = np.cross(b - a, c - a)
    return np.linalg.norm(normals, axis=1).sum() / 2, abs((a * normals).sum()) / 6


def measure(request):
    volume = np.load(request["volume"])
    vertices, faces, _, _ = marching_cubes(volume, request["level"])
    area, enclosed = measures(vertices, faces)
    times = []
    other = OtherLoad()
    end = time.perf_counter() + request.get("seconds", 1.5)
    while not times or time.perf_counter() < end:
        start = time.perf_counter()
        marching_cubes(volume, request["level"])
        times.append(time.perf_counter() - start)
    return {
        "median": statistics.median(times), "minimum": min(times), "runs": len(times), "other_load": other.cores(),
        "vertices": len(vertices), "faces": len(faces), "area": area, "enclosed": enclosed,
    }


def answer(request):
    match request.get("task"):
        case "hello":
            return {"peer": "marching cubes", "scikit-image": skimage.__version__}
        case "marching-cubes":
            return measure(request)
    raise ValueError(f"task is {request.get('task')!r}; expected hello, marching-cubes or quit")


if __name__ == "__main__":
    parse_arguments("scikit-image")  # the driver names a number of threads: marching_cubes uses one
    serve(answer, sys.stdin, private_stdout())
