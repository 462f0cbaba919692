"""Collects the distances to the nearest region boundary that numpy computed at random points.

python3 make_boundary_distances.py REFERENCE/points > boundary_distances.json
"""
import json
import os
import sys

result = {}
for name in sorted(os.listdir(os.path.dirname(os.path.abspath(__file__)))):
    network, ending = os.path.splitext(name)
    if ending != ".safetensors":
        continue
    with open(os.path.join(sys.argv[1], network + ".json")) as file:
        points = json.load(file)["points"]
    result[network] = {
        "points": [point["x"] for point in points],
        "distances": [point["dist_to_region_boundary"] for point in points],
        "neurons": [point["nearest_neuron"] for point in points],
    }
json.dump(result, sys.stdout, separators=(",", ":"))
print()
