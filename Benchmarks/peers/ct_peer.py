"""Times ASTRA (CPU, `linear` projector) and scikit-image on projecting and reconstructing a slice, one thread each.

Requests (one JSON object a line, as README.md describes for the other peers):
  {"task": "ct", "program": "astra" | "scikit-image", "operation": "forward" | "adjoint" | "fbp" | "sirt",
   "views": 100, "bins": 367, "input": FILE, "result": FILE, "seconds": 1.5}
`input` is a slice [rows, columns] for `forward`, else a sinogram [views, bins] with its slice's side in "size"; what was
computed is written to `result` before the clock starts, so that the driver can compare. The reply has the `median` and
`minimum` seconds of a run, and `other_load` as from the other peers. Angles are k pi / views.
"""

import os
import statistics
import sys
import time

for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[name] = "1"

import astra
import numpy as np
import skimage
from skimage.transform import iradon, radon

from peer_protocol import OtherLoad, parse_arguments, private_stdout, serve

SIRT_ITERATIONS = 100


class Astra:
    """Algorithms are set up once; a run is `astra.algorithm.run`. Axis and detector are centred on the slice."""

    def __init__(self, operation, angles, bins, size, data):
        volume = astra.create_vol_geom(size, size)
        scan = astra.create_proj_geom("parallel", 1.0, bins, angles)
        self.iterations = SIRT_ITERATIONS if operation == "sirt" else 1
        self.is_forward = operation == "forward"
        self.slice = astra.data2d.create("-vol", volume, data if self.is_forward else 0)
        self.sinogram = astra.data2d.create("-sino", scan, 0 if self.is_forward else data)
        algorithms = {"forward": "FP", "adjoint": "BP", "fbp": "FBP", "sirt": "SIRT"}
        settings = astra.astra_dict(algorithms[operation])
        settings["ProjectorId"] = astra.create_projector("linear", scan, volume)
        settings["ProjectionDataId"] = self.sinogram
        settings["VolumeDataId" if self.is_forward else "ReconstructionDataId"] = self.slice
        if operation == "fbp":
            settings["option"] = {"FilterType": "ram-lak"}
        self.algorithm = astra.algorithm.create(settings)

    def run(self):
        if self.iterations > 1:
            astra.data2d.store(self.slice, 0)
        astra.algorithm.run(self.algorithm, self.iterations)

    def result(self):
        return astra.data2d.get(self.sinogram if self.is_forward else self.slice)


class ScikitImage:
    def __init__(self, operation, angles, bins, size, data):
        degrees = np.rad2deg(angles)
        if operation == "forward":
            self.call = lambda: radon(data, degrees, circle=True).T
        elif operation == "fbp":
            transposed = np.ascontiguousarray(data.T)
            self.call = lambda: iradon(transposed, degrees, filter_name="ramp", circle=True)
        else:
            raise ValueError(f"scikit-image is not asked for {operation!r}")

    def run(self):
        self.value = self.call()

    def result(self):
        return self.value


PROGRAMS = {"astra": Astra, "scikit-image": ScikitImage}


def measure(request):
    data = np.load(request["input"])
    angles = np.arange(request["views"]) * np.pi / request["views"]
    size = request["size"]
    task = PROGRAMS[request["program"]](request["operation"], angles, request["bins"], size, data)
    task.run()
    np.save(request["result"], np.ascontiguousarray(task.result(), np.float32))
    times = []
    other = OtherLoad()
    end = time.perf_counter() + request.get("seconds", 1.5)
    while not times or time.perf_counter() < end:
        start = time.perf_counter()
        task.run()
        times.append(time.perf_counter() - start)
    astra.clear()
    return {"median": statistics.median(times), "minimum": min(times), "runs": len(times), "other_load": other.cores()}


def answer(request):
    match request.get("task"):
        case "hello":
            return {"peer": "ct", "astra": astra.__version__, "scikit-image": skimage.__version__}
        case "ct":
            return measure(request)
    raise ValueError(f"task is {request.get('task')!r}; expected hello, ct or quit")


if __name__ == "__main__":
    parse_arguments("ASTRA and scikit-image")  # the driver names a number of threads: these two use one
    serve(answer, sys.stdin, private_stdout())
