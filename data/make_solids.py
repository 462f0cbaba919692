"""Makes rings.npy, from which inr mesh makes rings.obj, and bracket.obj; needs NumPy.

    python3 data/make_solids.py FOLDER

A solid is an implicit function of x, y and z in millimetres, negative inside, and near its surface a
distance.
"""

import sys
from pathlib import Path

import numpy as np


def union(*fields):
    return np.minimum.reduce(fields)


def intersection(*fields):
    return np.maximum.reduce(fields)


def difference(field, *others):
    return intersection(field, *[-other for other in others])


def blend(radius, *fields):
    """A union with rounded creases: -r log sum exp(-f / r)."""
    return -radius * np.logaddexp.reduce([-field / radius for field in fields])


def slab(value, lower, upper):
    """Between two parallel planes."""
    return np.maximum(lower - value, value - upper)


def rings(x, y, z):
    """Three tori in a row, the middle one upright, grown together where they meet: genus 3."""
    y, z = y - 29.75, z - 29.75
    large, small = 16, 5.5

    def torus(center, across, axis):
        return np.hypot(np.hypot(x - center, across) - large, axis) - small

    return blend(1, torus(26.25, y, z), torus(58.25, z, y), torus(90.25, y, z))


def bracket(x, y, z):
    """A bearing block: a plate with a bored boss, two ribs and four countersunk holes: genus 5."""
    u, v, w = x - 46.5, y - 31.5, z - 4.5  # From the middle of the plate's lower side.
    radius = np.hypot(u, v)
    height, bore = 32, 8

    corners = (np.abs(u) + np.abs(v) - (40 + 25 - 7)) / np.sqrt(2)
    plate = intersection(slab(u, -40, 40), slab(v, -25, 25), slab(w, 0, 8), corners)
    chamfer = (radius + w - (15 + height - 2)) / np.sqrt(2)
    boss = intersection(radius - 15, slab(w, 0, height), chamfer)
    slope = (np.abs(u) + w - 38) / np.sqrt(2)
    ribs = intersection(slab(v, -4, 4), slope, -w, np.abs(u) - 28)
    solid = union(plate, boss, ribs)

    key = intersection(slab(u, -2.5, 2.5), slab(v, 0, bore + 3))
    holes = [intersection(union(radius - bore, key), slab(w, -9, height + 9))]
    for side in (-1, 1):
        for end in (-1, 1):
            distance = np.hypot(u - 30 * side, v - 15 * end)
            sink = (distance - 3.3 - (w - 5)) / np.sqrt(2)
            holes.append(union(distance - 3.3, intersection(sink, distance - 9)))
    return difference(solid, *holes)


def samples(field, shape):
    """Values at whole millimetres: element [k, j, i] is that at (x, y, z) = (i, j, k)."""
    z, y, x = np.indices(shape, dtype=float)
    return field(x, y, z)


def dual_contouring(field, shape):
    """A mesh with the field's sharp edges, which marching cubes would cut off.

    Each cell of the samples that the surface crosses has one vertex, where the tangent planes at the
    crossings of its edges meet best; each crossing has the vertices of the four cells around it, in
    two triangles. (Ju, Losasso, Schaefer and Warren, "Dual contouring of Hermite data", 2002.)

    Returns vertices [n, 3] as x, y, z, and triangles [m, 3].
    """
    inside = samples(field, shape) < 0
    cells = np.array(shape) - 1
    count = np.prod(cells)
    normals, offsets, sums = np.zeros((count, 3, 3)), np.zeros((count, 3)), np.zeros((count, 4))
    quads = []
    for axis in range(3):
        first = np.take(inside, range(shape[axis] - 1), axis)
        second = np.take(inside, range(1, shape[axis]), axis)
        edges = np.argwhere(first != second)
        enters = second[tuple(edges.T)]
        places = crossings(field, edges, axis, enters)
        slopes = gradients(field, places)
        one, other = (axis + 1) % 3, (axis + 2) % 3
        around = []
        for a, b in ((-1, -1), (0, -1), (0, 0), (-1, 0)):
            cell = edges.copy()
            cell[:, one] += a
            cell[:, other] += b
            cell = np.ravel_multi_index(tuple(cell.T), cells)
            np.add.at(normals, cell, slopes[:, :, None] * slopes[:, None, :])
            np.add.at(offsets, cell, slopes * np.sum(slopes * places, 1)[:, None])
            np.add.at(sums, cell, np.column_stack([places, np.ones(len(cell))]))
            around.append(cell)
        around = np.column_stack(around)
        # Axes are z, y, x here, a left-handed order.
        around[~enters] = around[~enters, ::-1]
        quads.append(around)
    used = np.flatnonzero(sums[:, 3])
    corner = np.column_stack(np.unravel_index(used, cells))
    vertices = np.clip(
        meeting_points(normals[used], offsets[used], sums[used]), corner + 0.001, corner + 0.999
    )
    number = np.full(count, -1)
    number[used] = np.arange(len(used))
    quads = number[np.concatenate(quads)]

    # Of the two diagonals, the one that lies nearer to the surface.
    def distance(i, j):
        middle = (vertices[quads[:, i]] + vertices[quads[:, j]]) / 2
        return np.abs(field(*middle.T[::-1]))

    turned = np.where((distance(0, 2) <= distance(1, 3))[:, None], quads, np.roll(quads, 1, 1))
    triangles = np.concatenate([turned[:, [0, 1, 2]], turned[:, [0, 2, 3]]])
    return vertices[:, ::-1], triangles


def crossings(field, edges, axis, enters):
    """Where the field is 0 on edges of the samples along an axis, by bisection."""
    step = np.eye(3)[axis]
    low, high = np.zeros(len(edges)), np.ones(len(edges))
    for _ in range(50):
        middle = (low + high) / 2
        is_inside = field(*(edges + middle[:, None] * step).T[::-1]) < 0
        is_low = is_inside != enters
        low, high = np.where(is_low, middle, low), np.where(is_low, high, middle)
    return edges + low[:, None] * step


def gradients(field, places):
    """Unit vectors along the field's gradient, by central differences."""
    h = 1e-5
    slopes = np.column_stack([
        field(*(places + h * step).T[::-1]) - field(*(places - h * step).T[::-1])
        for step in np.eye(3)
    ])
    return slopes / np.linalg.norm(slopes, axis=1)[:, None]


def meeting_points(normals, offsets, sums):
    """The points with the least squared distances from the planes through the crossings.

    Where that leaves a direction open (eigenvalues below a twentieth of the largest), they are as near
    as they can be to the mean of the crossings.
    """
    mean = sums[:, :3] / sums[:, 3:]
    values, vectors = np.linalg.eigh(normals)
    inverse = np.where(values > 0.05 * values[:, 2:], 1 / np.where(values == 0, 1, values), 0)
    rest = offsets - np.einsum("nij,nj->ni", normals, mean)
    return mean + np.einsum("nij,nj,nkj,nk->ni", vectors, inverse, vectors, rest)


def write_obj(path, vertices, triangles):
    with open(path, "w") as file:
        for vertex in vertices:
            file.write("v %.6g %.6g %.6g\n" % tuple(vertex))
        for triangle in triangles + 1:
            file.write("f %d %d %d\n" % tuple(triangle))


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    np.save(folder / "rings.npy", samples(rings, (60, 60, 117)).astype("float32"))
    write_obj(folder / "bracket.obj", *dual_contouring(bracket, (42, 63, 93)))
