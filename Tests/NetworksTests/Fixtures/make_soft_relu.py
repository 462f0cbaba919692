"""Values, slopes and curvatures of soft ReLUs, computed with PyTorch in float64.

Run with any PyTorch >= 2.0:  python make_soft_relu.py
Writes soft_relu.json: the torch version, and for each beta the lists value, slope and curvature at the points z. With
eta = beta / (1 - beta) the function is silu(eta z) / eta, and z / 2 for beta 0; slopes and curvatures are autograd's.
All beta and z are exact float32 numbers.
"""
import json, os, torch

Z = [-3e38, -1e10, -200, -90, -87.5, -40, -12, -5, -1.25, -0.125, -2**-20, 0, 2**-20, 0.0625, 0.5, 1, 2.5, 8, 33, 87, 89, 1e6, 3e38]
BETAS = [0, 0.125, 0.5, 0.75, 0.9375, 1 - 2**-10, 1 - 2**-24]

def soft_relu(z, beta):
    if beta == 0:
        return z / 2 + 0 * z * z
    eta = beta / (1 - beta)
    return torch.nn.functional.silu(eta * z) / eta

z = torch.tensor(Z, dtype=torch.float32).double().requires_grad_(True)
cases = []
for beta in BETAS:
    value = soft_relu(z, beta)
    slope = torch.autograd.grad(value.sum(), z, create_graph=True)[0]
    curvature = torch.autograd.grad(slope.sum(), z)[0]
    cases.append({"beta": beta, **{n: t.detach().tolist() for n, t in [("value", value), ("slope", slope), ("curvature", curvature)]}})
path = os.path.join(os.path.dirname(os.path.abspath(__file__)), "soft_relu.json")
with open(path, "w") as file:
    json.dump({"torch": torch.__version__, "z": z.tolist(), "cases": cases}, file, indent=1)
    file.write("\n")
