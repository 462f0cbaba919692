"""Times trimesh and libigl on reading a mesh from a file.

Requests (one JSON object a line, as README.md describes for the other peers):
  {"task": "read-mesh", "program": "trimesh" | "trimesh-unprocessed" | "libigl", "file": FILE, "seconds": 1.5}
`trimesh` has its defaults, which make vertices at one place one and drop what is not a number; `trimesh-unprocessed` is
`process=False`; `libigl` is `read_triangle_mesh`. The reply has the `median` and `minimum` seconds of a run, `other_load` as
from the other peers, and of the mesh `vertices`, `faces` and the volume that it encloses (`enclosed`), so that the driver can
compare. The file has been read once before the clock starts.
"""

import importlib.metadata
import statistics
import sys
import time

import igl
import numpy as np
import trimesh

from peer_protocol import OtherLoad, parse_arguments, private_stdout, serve


def by_trimesh(path, **options):
    mesh = trimesh.load_mesh(path, **options)
    return mesh.vertices, mesh.faces


READERS = {
    "trimesh": by_trimesh,
    "trimesh-unprocessed": lambda path: by_trimesh(path, process=False),
    "libigl": igl.read_triangle_mesh,
}


def enclosed(vertices, faces):
    """The volume inside of a closed mesh."""
    a, b, c = (vertices[faces[:, k]].astype(np.float64) for k in range(3))
    return float((a * np.cross(b, c)).sum() / 6)


def measure(request):
    read, path = READERS[request["program"]], request["file"]
    vertices, faces = (np.asarray(array) for array in read(path))
    found = {"vertices": len(vertices), "faces": len(faces), "enclosed": enclosed(vertices, faces)}
    del vertices, faces
    times = []
    other = OtherLoad()
    end = time.perf_counter() + request.get("seconds", 1.5)
    while not times or time.perf_counter() < end:
        start = time.perf_counter()
        read(path)
        times.append(time.perf_counter() - start)
    return {
        "median": statistics.median(times), "minimum": min(times), "runs": len(times), "other_load": other.cores(), **found,
    }


def answer(request):
    match request.get("task"):
        case "hello":
            return {"peer": "mesh-files", **{name: importlib.metadata.version(name) for name in ("trimesh", "libigl")}}
        case "read-mesh":
            return measure(request)
    raise ValueError(f"task is {request.get('task')!r}; expected hello, read-mesh or quit")


if __name__ == "__main__":
    parse_arguments("trimesh and libigl")  # the driver names a number of threads: both read with one
    serve(answer, sys.stdin, private_stdout())
