"""Times libigl, trimesh and SciPy on questions to a mesh: what is inside, what is closest, what is nearest.

Requests (one JSON object a line, as README.md describes for the other peers):
  {"task": "mesh-queries", "program": "libigl" | "trimesh" | "scipy",
   "operation": "winding" | "inside" | "closest" | "nearest",
   "vertices": FILE, "faces": FILE, "points": FILE, "result": FILE, "seconds": 1.5}
Files are .npy: vertices and points [count, 3], faces [count, 3] (whole numbers, of whatever type). What was computed is
written to `result` before the clock starts, one number a point, so that the driver can compare: the winding number, 1 or 0
for inside, or the distance. Trees are built before the clock starts, where the program allows it. `nearest` asks for the
nearest vertex. The reply has the `median` and `minimum` seconds of a run, and `other_load` as from the other peers.

libigl uses all cores, SciPy too (`workers=-1`); trimesh casts rays with Embree, one core.
"""

import importlib.metadata
import statistics
import sys
import time

import igl
import numpy as np
import scipy.spatial
import trimesh

from peer_protocol import OtherLoad, parse_arguments, private_stdout, serve


def libigl(operation, vertices, faces, points):
    if operation == "winding":
        tree = igl.FastWindingNumberBVH()
        tree.init(vertices, faces, 2)
        return lambda: tree.winding_number(points, 2.0)
    if operation == "closest":
        tree = igl.AABB()
        tree.init(vertices, faces)
        return lambda: np.sqrt(tree.squared_distance(vertices, faces, points)[0])
    raise ValueError(f"libigl is not asked for {operation!r}")


def by_trimesh(operation, vertices, faces, points):
    mesh = trimesh.Trimesh(vertices, faces, process=False)
    if operation == "inside":
        if "pyembree" not in type(mesh.ray).__module__:
            raise RuntimeError("trimesh does not use Embree; pip install embreex")
        return lambda: mesh.contains(points).astype(np.float64)
    if operation == "closest":
        return lambda: trimesh.proximity.closest_point(mesh, points)[1]
    raise ValueError(f"trimesh is not asked for {operation!r}")


def by_scipy(operation, vertices, faces, points):
    if operation != "nearest":
        raise ValueError(f"SciPy is not asked for {operation!r}")
    tree = scipy.spatial.cKDTree(vertices)
    return lambda: tree.query(points, workers=-1)[0]


PROGRAMS = {"libigl": libigl, "trimesh": by_trimesh, "scipy": by_scipy}


def measure(request):
    vertices, points = (np.load(request[name]).astype(np.float64) for name in ("vertices", "points"))
    faces = np.load(request["faces"]).astype(np.int64)
    run = PROGRAMS[request["program"]](request["operation"], vertices, faces, points)
    np.save(request["result"], np.asarray(run(), np.float32))
    times = []
    other = OtherLoad()
    end = time.perf_counter() + request.get("seconds", 1.5)
    while not times or time.perf_counter() < end:
        start = time.perf_counter()
        run()
        times.append(time.perf_counter() - start)
    return {"median": statistics.median(times), "minimum": min(times), "runs": len(times), "other_load": other.cores()}


def answer(request):
    match request.get("task"):
        case "hello":
            packages = ("libigl", "trimesh", "embreex", "scipy")
            return {"peer": "mesh-queries", **{name: importlib.metadata.version(name) for name in packages}}
        case "mesh-queries":
            return measure(request)
    raise ValueError(f"task is {request.get('task')!r}; expected hello, mesh-queries or quit")


if __name__ == "__main__":
    parse_arguments("libigl, trimesh and SciPy")
    serve(answer, sys.stdin, private_stdout())
