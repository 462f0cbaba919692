"""Measures of the parameters of two networks, by PyTorch's automatic derivatives in float64.

python3 make_parameter_measures.py > parameter_measures.json
"""
import json
import os
import sys

import numpy
import torch
from safetensors.torch import load_file
from torch.func import jacrev

torch.set_default_dtype(torch.float64)
torch.set_num_threads(1)
folder = os.path.dirname(os.path.abspath(__file__))


def value(parameters, x):
    for weight, bias in parameters[:-1]:
        x = torch.relu(weight @ x + bias)
    weight, bias = parameters[-1]
    return (weight @ x + bias)[0]


def flat(gradients):
    return torch.cat([g.reshape(-1) for pair in gradients for g in pair])


def mixed(parameters, x):
    return jacrev(lambda x: flat(jacrev(value)(parameters, x)))(x)


def fisher_rao_square(loss, parameters, points, targets):
    theta = flat(parameters)
    products = [flat(jacrev(lambda p: loss(value(p, x), t))(parameters)) @ theta
                for x, t in zip(points, targets)]
    return float(torch.stack(products).square().mean())


result = {"torch": torch.__version__, "networks": {}}
for name in ["he_2_16_16_16_1", "he_3_32_32_32_1"]:
    tensors = load_file(os.path.join(folder, name + ".safetensors"))
    parameters = [(tensors[f"layer.{k}.weight"].double(), tensors[f"layer.{k}.bias"].double())
                  for k in range(len(tensors) // 2)]
    points = torch.from_numpy(numpy.random.default_rng(6).uniform(-1, 1, (9, int(name[3]))))
    targets = torch.tensor([0., 1., 0., 1., 1., 0., 0.5, 1., 0.])
    gradients = torch.stack([flat(jacrev(value)(parameters, x)) for x in points])
    weights = [weight for weight, _ in parameters]
    chain = torch.linalg.multi_dot
    result["networks"][name] = {
        "points": points.tolist(),
        "targets": targets.tolist(),
        "tangentSensitivity": [float(mixed(parameters, x).norm()) for x in points],
        "kernel": (gradients @ gradients.T).reshape(-1).tolist(),
        "eigenvalues": torch.linalg.eigvalsh(gradients @ gradients.T).flip(0).tolist(),
        "squaredError": fisher_rao_square(
            lambda f, t: (f - t).square() / 2, parameters, points, targets),
        "logistic": fisher_rao_square(
            torch.nn.functional.binary_cross_entropy_with_logits, parameters, points, targets),
        "spectralNorms": [float(torch.linalg.matrix_norm(w, 2)) for w in weights],
        "pathNormL1": float(chain([w.abs() for w in reversed(weights)]).sum()),
        "pathNormL2": float(chain([w.square() for w in reversed(weights)]).sum().sqrt()),
    }
json.dump(result, sys.stdout, indent=1)
print()
