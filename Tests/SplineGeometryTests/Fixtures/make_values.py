"""Collects what the tests compare with from the values that independent programs computed.

python3 make_values.py REFERENCE/values > values.json
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
        values = json.load(file)
    entry = {"bounds": values["bbox"]}
    surface = values.get("zero_set")
    if surface:
        entry["surface"] = {
            name: surface.get(key)
            for name, key in {
                "vertices": "vertices", "edges": "edges", "faces": "faces", "euler": "euler",
                "components": "components", "boundaryEdges": "boundary_edges", "area": "area",
                "enclosedVolume": "enclosed_volume", "faceSizes": "face_size_histogram"}.items()}
    if "regions_3d" in values:
        entry["regions"] = values["regions_3d"]["relu_only"]
    for part in values.get("slices_2d", []):
        if part["net"] == network:
            entry["regions"] = part["regions_relu_only"]
            entry["corners"] = part["sum_polygon_vertices"]
            entry["segments"] = part["zero_segments"]
            entry["length"] = part["zero_length"]
    result[network] = entry
json.dump(result, sys.stdout, indent=1)
print()
