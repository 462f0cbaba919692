"""Collects segments and where they meet region boundaries, as numpy found them.

python3 make_segments.py REFERENCE/points > segments.json
"""
import json
import os
import sys

PER_NETWORK = 3

result = {}
for name in sorted(os.listdir(os.path.dirname(os.path.abspath(__file__)))):
    network, ending = os.path.splitext(name)
    if ending != ".safetensors":
        continue
    with open(os.path.join(sys.argv[1], network + ".json")) as file:
        segments = json.load(file)["segments"]
    result[network] = [
        {"from": s["p"], "to": s["q"], "breakpoints": s["breaks_t"], "layers": s["breaks_layer"],
         "crossings": s["zero_crossings_t"], "slopeVariation": s["total_variation_of_slope"]}
        for s in segments[:PER_NETWORK]]
json.dump(result, sys.stdout)
print()
