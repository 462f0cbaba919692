"""Networks with the parameter names of public codes, as PyTorch saves them, and what they compute.

Run with any PyTorch >= 2.1 and safetensors >= 0.6:  python make_state_dicts.py
Writes one file per network, state_dicts/NAME.safetensors, that holds exactly the module's state_dict, and
state_dicts/values.safetensors with tensors

  NAME.input  [rows, coordinates]  float32
  NAME.output [rows, channels]     float64, computed with the same float32 parameters in float64/complex128

Names follow: SIREN's notebook and its modules.py (vsitzmann/siren), WIRE's wire.py and wire2d.py (vishwa91/wire),
FINER's models.py (liuzhen0212/FINER), and plain PyTorch networks.
"""
import os

import torch
from safetensors.torch import save_file
from torch import nn

OUT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "state_dicts")
OMEGA0, FIRST_OMEGA0, SIGMA0 = 3.0, 4.0, 2.0


class OneMap(nn.Module):
    """A layer whose map is called `linear` and whose constants are no parameters."""

    def __init__(self, inputs, outputs, function, omega0):
        super().__init__()
        self.function, self.omega0 = function, omega0
        self.linear = nn.Linear(inputs, outputs)

    def forward(self, x):
        return self.function(self.linear(x), self.omega0)


class Wavelet(nn.Module):
    """WIRE's layer: the constants are parameters of one element."""

    def __init__(self, inputs, outputs, omega0, is_first, is_2d):
        super().__init__()
        dtype = torch.float if is_first else torch.cfloat
        self.omega_0 = nn.Parameter(torch.full((1,), omega0), requires_grad=False)
        self.scale_0 = nn.Parameter(torch.full((1,), SIGMA0), requires_grad=False)
        self.linear = nn.Linear(inputs, outputs, dtype=dtype)
        self.scale_orth = nn.Linear(inputs, outputs, dtype=dtype) if is_2d else None

    def forward(self, x):
        z = self.linear(x)
        square = z.abs() ** 2
        if self.scale_orth is not None:
            square = square + self.scale_orth(x).abs() ** 2
        return torch.exp(1j * self.omega_0 * z - self.scale_0**2 * square)


class RealGabor(nn.Module):
    """The real Gabor layer of WIRE's code, with two maps."""

    def __init__(self, inputs, outputs):
        super().__init__()
        self.freqs = nn.Linear(inputs, outputs)
        self.scale = nn.Linear(inputs, outputs)

    def forward(self, x):
        return torch.cos(OMEGA0 * self.freqs(x)) * torch.exp(-((SIGMA0 * self.scale(x)) ** 2))


class Sine(nn.Module):
    def forward(self, x):
        return torch.sin(30 * x)


class Net(nn.Module):
    """Layers in a Sequential called `net`, or another network called so."""

    def __init__(self, *layers, inside=None):
        super().__init__()
        self.net = inside or nn.Sequential(*layers)

    def forward(self, x):
        y = self.net(x)
        return y.real if y.is_complex() else y


class Numbered(nn.Module):
    """Layers called fc1, fc2, ..., ten of them or more."""

    def __init__(self, sizes):
        super().__init__()
        self.count = len(sizes) - 1
        for k, (inputs, outputs) in enumerate(zip(sizes[:-1], sizes[1:])):
            setattr(self, f"fc{k + 1}", nn.Linear(inputs, outputs))
            nn.init.kaiming_normal_(getattr(self, f"fc{k + 1}").weight)

    def forward(self, x):
        for k in range(1, self.count):
            x = torch.relu(getattr(self, f"fc{k}")(x))
        return getattr(self, f"fc{self.count}")(x)


class Named(nn.Module):
    """Layers whose names do not tell their order: only the shapes do."""

    def __init__(self):
        super().__init__()
        self.fc_in = nn.Linear(3, 7)
        self.blocks = nn.ModuleList([nn.Linear(7, 6, bias=False), nn.Linear(6, 5)])
        self.fc_out = nn.Linear(5, 2)

    def forward(self, x):
        x = torch.relu(self.fc_in(x))
        for block in self.blocks:
            x = torch.relu(block(x))
        return self.fc_out(x)


def sine(z, omega0):
    return torch.sin(omega0 * z)


def finer(z, omega0):
    return torch.sin(omega0 * (z.abs() + 1) * z)


def gauss(z, omega0):
    return torch.exp(-((SIGMA0 * z) ** 2))


def one_map(function):
    return Net(
        OneMap(2, 8, function, FIRST_OMEGA0),
        OneMap(8, 6, function, OMEGA0),
        OneMap(6, 7, function, OMEGA0),
        nn.Linear(7, 3),
    )


def wavelets(is_2d):
    return Net(
        Wavelet(2, 6, FIRST_OMEGA0, True, is_2d),
        Wavelet(6, 5, OMEGA0, False, is_2d),
        nn.Linear(5, 2, dtype=torch.cfloat),
    )


def relu(*sizes):
    layers = []
    for inputs, outputs in zip(sizes[:-1], sizes[1:]):
        layers += [nn.Linear(inputs, outputs), nn.ReLU()]
    return nn.Sequential(*layers[:-1])


NETWORKS = {
    "siren_notebook": lambda: one_map(sine),
    "siren_modules": lambda: Net(inside=Net(
        nn.Sequential(nn.Linear(2, 8), Sine()),
        nn.Sequential(nn.Linear(8, 8), Sine()),
        nn.Sequential(nn.Linear(8, 1)),
    )),
    "finer": lambda: one_map(finer),
    "gauss": lambda: one_map(gauss),
    "wire": lambda: wavelets(False),
    "wire2d": lambda: wavelets(True),
    "gabor_real": lambda: Net(RealGabor(2, 6), RealGabor(6, 5), nn.Linear(5, 1)),
    "relu_sequential": lambda: relu(2, 9, 8, 1),
    "relu_parallel": lambda: nn.DataParallel(Net(*relu(3, 4, 5, 1))),
    "relu_numbered": lambda: Numbered([2] + [6] * 10 + [1]),
    "relu_named": Named,
    "relu_half": lambda: relu(2, 5, 1).half(),
    "relu_bfloat16": lambda: relu(2, 5, 1).bfloat16(),
    "relu_double": lambda: relu(2, 5, 1).double(),
}


def main():
    os.makedirs(OUT, exist_ok=True)
    values = {}
    for seed, (name, make) in enumerate(NETWORKS.items()):
        torch.manual_seed(seed)
        module = make()
        state = module.state_dict()
        save_file(state, os.path.join(OUT, name + ".safetensors"))
        weights = [v for k, v in state.items() if k.endswith("weight")]
        x = torch.rand(5, weights[0].shape[1]) * 2 - 1
        module = getattr(module, "module", module)
        for parameter in module.parameters():
            kind = torch.complex128 if parameter.is_complex() else torch.float64
            parameter.data = parameter.data.to(kind)
        with torch.no_grad():
            y = module(x.double())
        values[name + ".input"], values[name + ".output"] = x, y.contiguous()
        print(f"{name:16s} {len(weights)} weights, values {y.min():.4f} to {y.max():.4f}")
    save_file(values, os.path.join(OUT, "values.safetensors"))


main()
