"""Prints how far a ReLU network is from a level on a mesh of it: the largest |f - level| at vertices,
edge midpoints and face centroids, in the network's own unit.

    deviation.py MODEL.safetensors MESH.ply

The network is evaluated by NumPy in double precision. MODEL is one that `inr fit shape` has written;
MESH is a PLY file of `inr mesh`, in the coordinates of the shape. Needs NumPy alone.
"""

import json
import struct
import sys

import numpy as np


def read_model(path):
    """Weights and biases of the layers, and what the values mean."""
    with open(path, "rb") as file:
        size = struct.unpack("<Q", file.read(8))[0]
        header = json.loads(file.read(size))
        data = file.read()
    settings = json.loads(header["__metadata__"]["inr"])
    assert settings["activation"] == "relu" and settings["encoding"]["name"] == "none"

    def tensor(name):
        entry = header[name]
        first, last = entry["data_offsets"]
        return np.frombuffer(data[first:last], "<f4").reshape(entry["shape"]).astype(float)

    count = sum(name.endswith("weight") for name in header)
    layers = [(tensor(f"layers.{k}.weight"), tensor(f"layers.{k}.bias")) for k in range(count)]
    return layers, settings


def read_ply(path):
    """Vertices, and the corners of each face."""
    with open(path, "rb") as file:
        data = file.read()
    end = data.index(b"end_header\n") + len(b"end_header\n")
    words = data[:end].decode().split()
    vertices, faces = (int(words[k + 2]) for k, word in enumerate(words) if word == "element")
    if "ascii" in words:
        lines = data[end:].decode().splitlines()
        positions = np.array([line.split() for line in lines[:vertices]], float)
        return positions, [np.array(line.split()[1:], int) for line in lines[vertices:]]
    kind = "<f8" if "double" in words else "<f4"
    width = 3 * vertices * np.dtype(kind).itemsize
    positions = np.frombuffer(data[end : end + width], kind).reshape(vertices, 3).astype(float)
    # A binary file has faces of one size.
    size = 1 + 4 * data[end + width]
    rows = np.frombuffer(data[end + width :], "u1").reshape(faces, size)
    return positions, list(np.ascontiguousarray(rows[:, 1:]).view("<i4"))


def values(layers, points):
    for k, (weight, bias) in enumerate(layers):
        points = points @ weight.T + bias
        if k < len(layers) - 1:
            points = np.maximum(points, 0)
    return points[:, 0]


def main():
    layers, settings = read_model(sys.argv[1])
    positions, corners = read_ply(sys.argv[2])
    positions = settings["scale"] * positions + np.array(settings["translation"])
    # An edge of two faces counts twice, which does not matter for the largest value.
    first = np.concatenate(corners)
    second = np.concatenate([np.roll(face, -1) for face in corners])
    starts = np.cumsum([0] + [len(face) for face in corners[:-1]])
    sizes = np.array([len(face) for face in corners])
    centroids = np.add.reduceat(positions[first], starts) / sizes[:, None]
    middles = (positions[first] + positions[second]) / 2
    for points in (positions, middles, centroids):
        print(f"{np.abs(values(layers, points) - settings['level']).max():.2e}", end=" ")
    print()


main()
