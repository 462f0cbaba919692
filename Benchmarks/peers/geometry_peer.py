"""Times what people take surfaces and regions out of a ReLU network with: scikit-image's marching cubes on samples that
PyTorch computes, edge subdivision (Berzins 2023), and regioncam, on the CPU.

Requests (one JSON object a line, as README.md describes for the other peers):
  {"task": "sampled-surface", "network": FILE, "box": [x0, y0, z0, x1, y1, z1], "samples": 128, "threads": 4, "seconds": 1.5}
  {"task": "edge-subdivision", "network": FILE, "bounds": [-1, 1]}
  {"task": "planar-regions", "network": FILE, "reach": 1, "seconds": 1.5}
`network` is a safetensors file with the layers `NAME.0.weight` [out, in], `NAME.0.bias`, `NAME.1.weight` … and ReLU between
them; the level is 0. Both replies have `other_load`, as from the other peers.

sampled-surface: `samples` along each axis, in chunks of as many points as were fastest in a trial of each. The reply has the
`median` seconds of a run, of which the `evaluation` by PyTorch in 32 bits takes a part, and of the mesh `vertices`, `faces`
and `area`. scikit-image uses one thread.

edge-subdivision: finds all cells of the network in the box, and so its level set. It is run once, as its authors published
it, in 32 bits; `prune` is off, which is faster on a CPU. The reply has its `seconds`, and of the level set the `vertices`,
`edges` and `faces`, counted after the clock has stopped. RELU_EDGE_SUBDIVISION names a folder with the authors' repository.

planar-regions: the regions of a network of two inputs in the square from -reach to reach, by regioncam. The reply has the
`median` seconds of a run and the number of `regions`.
"""

import os
import re
import statistics
import sys
import time
from functools import cache

import numpy as np
import regioncam
import skimage
import torch
from safetensors.torch import load_file
from skimage.measure import marching_cubes

from peer_protocol import OtherLoad, PeerError, parse_arguments, private_stdout, serve

CHUNKS = (8192, 32_768, 131_072)
TRIAL_SAMPLES = 64  # along each axis


@cache
def layers(path):
    """Weights and biases, layer after layer."""
    tensors = load_file(path)
    names = {int(re.search(r"\.(\d+)\.weight$", key)[1]): key for key in tensors if key.endswith(".weight")}
    pairs = [names[number] for number in sorted(names)]
    return [(tensors[key], tensors[key.removesuffix("weight") + "bias"]) for key in pairs]


@cache
def module(path):
    linears = []
    for weight, bias in layers(path):
        linear = torch.nn.Linear(weight.shape[1], weight.shape[0])
        linear.weight, linear.bias = torch.nn.Parameter(weight), torch.nn.Parameter(bias)
        linears += [linear, torch.nn.ReLU()]
    return torch.nn.Sequential(*linears[:-1])


@torch.inference_mode()
def values(network, box, samples, chunk):
    """The network on a grid whose first and last samples lie on the box: [x, y, z]."""
    axes = [torch.linspace(box[k], box[k + 3], samples) for k in range(3)]
    points = torch.cartesian_prod(*axes)
    return torch.cat([network(part) for part in points.split(chunk)]).reshape(samples, samples, samples).numpy()


def extract(network, box, samples, chunk):
    """A run: its seconds, those of the evaluation, and the mesh."""
    start = time.perf_counter()
    volume = values(network, box, samples, chunk)
    evaluated = time.perf_counter()
    spacing = [(box[k + 3] - box[k]) / (samples - 1) for k in range(3)]
    vertices, faces, _, _ = marching_cubes(volume, 0, spacing=spacing)
    return time.perf_counter() - start, evaluated - start, (vertices, faces)


@cache
def fastest_chunk(path, box, threads):
    def seconds(chunk):
        start = time.perf_counter()
        values(module(path), box, TRIAL_SAMPLES, chunk)
        return time.perf_counter() - start

    seconds(CHUNKS[0])
    return min(CHUNKS, key=seconds)


def area(vertices, faces):
    a, b, c = (vertices[faces[:, k]].astype(np.float64) for k in range(3))
    return np.linalg.norm(np.cross(b - a, c - a), axis=1).sum() / 2


def sample_surface(request):
    path, box, samples, threads = request["network"], tuple(request["box"]), request["samples"], request["threads"]
    torch.set_num_threads(threads)
    chunk = fastest_chunk(path, box, threads)
    runs = []
    other = OtherLoad()
    end = time.perf_counter() + request.get("seconds", 1.5)
    while not runs or time.perf_counter() < end:
        total, evaluation, mesh = extract(module(path), box, samples, chunk)
        runs.append((total, evaluation))
    return {
        "median": statistics.median(run[0] for run in runs), "evaluation": statistics.median(run[1] for run in runs),
        "runs": len(runs), "chunk": chunk, "threads": threads, "other_load": other.cores(),
        "vertices": len(mesh[0]), "faces": len(mesh[1]), "area": area(*mesh),
    }


def subdivide(request, threads):
    folder = os.environ.get("RELU_EDGE_SUBDIVISION")
    if not folder:
        raise PeerError("RELU_EDGE_SUBDIVISION names no folder; Benchmarks/peers/README.md tells what belongs there")
    sys.path.insert(0, folder)
    from edge_subdivision import skeletal_subdivision
    from NN import Net

    torch.set_num_threads(threads)
    pairs = layers(request["network"])
    network = Net([pairs[0][0].shape[1]] + [len(bias) for _, bias in pairs])
    with torch.no_grad():
        for linear, (weight, bias) in zip(network.fcs, pairs):
            linear.weight.copy_(weight)
            linear.bias.copy_(bias)
        other = OtherLoad()
        start = time.perf_counter()
        _, edges, signs = skeletal_subdivision(
            network, bbox=tuple(request["bounds"]), device=torch.device("cpu"), prune=False, verbose=False
        )
        seconds = time.perf_counter() - start
    return {"seconds": seconds, "threads": threads, "other_load": other.cores(), **level_counts(edges, signs, network.ks[0])}


def level_counts(edges, signs, dimension):
    """Vertices, edges and faces of the level set, from sign vectors of vertices [vertices, box sides + neurons + 1]."""
    on_level = signs[:, -1] == 0
    level_edges = signs[edges[on_level[edges].all(1)]].sum(1, dtype=torch.int8).sign()
    # Beside an edge lie two faces, in which one of the neurons that vanish along it has a sign: both have all signs but
    # the last, and inside the box.
    zeros = (level_edges[:, :-1] == 0).nonzero()
    faces = [level_edges[zeros[:, 0]].clone() for _ in range(2)]
    for face, sign in zip(faces, (1, -1)):
        face[torch.arange(len(zeros)), zeros[:, 1]] = sign
    faces = torch.cat(faces)
    faces = faces[(faces[:, : 2 * dimension] > 0).all(1) & ((faces == 0).sum(1) == 1)]
    return {
        "vertices": int(on_level.sum()), "edges": len(level_edges),
        "faces": len(np.unique(np.packbits(faces.numpy() > 0, axis=1), axis=0)),
    }


def planar_regions(request):
    pairs = [(weight.numpy().T.copy(), bias.numpy()) for weight, bias in layers(request["network"])]
    runs = []
    other = OtherLoad()
    end = time.perf_counter() + request.get("seconds", 1.5)
    while not runs or time.perf_counter() < end:
        start = time.perf_counter()
        camera = regioncam.Regioncam(size=request["reach"])
        for number, (weight, bias) in enumerate(pairs):
            camera.linear(weight, bias)
            if number < len(pairs) - 1:
                camera.relu()
        runs.append(time.perf_counter() - start)
    return {
        "median": statistics.median(runs), "runs": len(runs), "regions": camera.num_faces, "other_load": other.cores(),
    }


def answer(request, threads):
    match request.get("task"):
        case "hello":
            return {"peer": "geometry", "torch": torch.__version__, "scikit-image": skimage.__version__}
        case "sampled-surface":
            return sample_surface(request)
        case "edge-subdivision":
            return subdivide(request, threads)
        case "planar-regions":
            return planar_regions(request)
    raise ValueError(f"task is {request.get('task')!r}; expected hello, sampled-surface, edge-subdivision, planar-regions or quit")


if __name__ == "__main__":
    count = parse_arguments("scikit-image and edge subdivision").threads
    serve(lambda request: answer(request, count), sys.stdin, private_stdout())
