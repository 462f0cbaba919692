"""Times PyTorch on the CPU: one training step (forward, mean squared error, backward, Adam) and rendering.

Variants of a network:
  plain     eager, as the networks' papers write them; WIRE in complex64
  split     eager; WIRE only: real and imaginary planes, each complex product as one real product with the block matrix
            [[Re, -Im], [Im, Re]], and one exp, cos and sin an element
  compiled  `plain` (or `split` where there is one) through torch.compile, which needs a C++ compiler
Adam is `fused=True`, the fastest of PyTorch's on a CPU; complex parameters are stored as real pairs for it.
"""

import itertools
import sys

import peer_protocol
from peer_protocol import LEARNING_RATE, NETWORKS, ROW_COUNT, Peer

arguments = peer_protocol.parse_arguments("PyTorch")
replies = peer_protocol.private_stdout()
if arguments.keep_memory:
    peer_protocol.keep_freed_memory()

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

torch.set_flush_denormal(True)  # as inr does; before the first thread, since threads inherit it
torch._dynamo.config.recompile_limit = 10_000  # one per network, batch and chunk; beyond it PyTorch runs eager
torch._dynamo.config.accumulated_recompile_limit = 10_000


def uniform(*shape: int, bound: float) -> nn.Parameter:
    return nn.Parameter(torch.empty(shape).uniform_(-bound, bound))


class Network(nn.Module):
    """`maps[k]` are the linear maps of layer k: (weight, bias), with a trailing axis (Re, Im) when complex."""

    def __init__(self, name: str):
        super().__init__()
        self.spec = NETWORKS[name]
        self.name = name
        self.rounds = False
        self.maps = nn.ModuleList()
        sizes = self.spec.sizes
        for k, (inputs, outputs) in enumerate(zip(sizes, sizes[1:])):
            bound = peer_protocol.weight_bound(name, k, inputs)
            pair = (2,) if self.spec.is_complex and k > 0 else ()
            count = 1 if k == len(sizes) - 2 else self.spec.maps
            maps = [
                nn.ParameterList([uniform(outputs, inputs, *pair, bound=bound), uniform(outputs, *pair, bound=bound)])
                for _ in range(count)
            ]
            self.maps.append(nn.ModuleList(maps))

    def tensors(self):
        """Per layer, the weights and biases as `forward` wants them: made once a step, or once a rendering."""
        return [[(weight, bias) for weight, bias in maps] for maps in self.maps]

    def forward(self, layers, x: Tensor) -> Tensor:
        for k, ((weight, bias),) in enumerate(layers[:-1]):
            x = self.activation(self.hidden_product(k, x, weight, bias))
        ((weight, bias),) = layers[-1]
        return F.linear(x, weight, bias)

    def hidden_product(self, k: int, x: Tensor, weight: Tensor, bias: Tensor) -> Tensor:
        """Factors in bfloat16 if that is wanted; phases of the first layer need more digits."""
        with torch.autocast("cpu", torch.bfloat16, enabled=self.rounds and k > 0):
            z = F.linear(x, weight, bias)
        return z.float()

    def activation(self, z: Tensor) -> Tensor:
        match self.name:
            case "siren":
                return torch.sin(self.spec.omega * z)
            case "relu":
                return torch.relu(z)
            case "gauss":
                return torch.exp(-((self.spec.sigma * z) ** 2))
        raise ValueError(self.name)


class ComplexNetwork(Network):
    """WIRE and WIRE2D in complex64, formulas as published."""

    def tensors(self):
        return [
            [tuple(torch.view_as_complex(p) if k > 0 else p for p in pair) for pair in maps]
            for k, maps in enumerate(self.maps)
        ]

    def forward(self, layers, x: Tensor) -> Tensor:
        omega, sigma = self.spec.omega, self.spec.sigma
        for maps in layers[:-1]:
            z, *rest = (F.linear(x, weight, bias) for weight, bias in maps)
            if rest:
                envelope = torch.exp(-(sigma**2) * (z.abs().square() + rest[0].abs().square()))
                x = torch.exp(1j * omega * z) * envelope
            else:
                x = torch.exp(1j * omega * z - (sigma * z).abs().square())
        ((weight, bias),) = layers[-1]
        return F.linear(x, weight, bias).real


class SplitNetwork(Network):
    """The same functions on real tensors: columns [Re | Im], every map of a layer in one matrix product."""

    def tensors(self):
        layers = [[tuple(torch.cat(tensors) for tensors in zip(*self.maps[0]))]]
        for maps in self.maps[1:-1]:
            blocks, biases = [], []
            for weight, bias in maps:
                real, imaginary = weight.unbind(-1)
                blocks += [torch.cat([real, -imaginary], 1), torch.cat([imaginary, real], 1)]
                biases += bias.unbind(-1)
            layers.append([(torch.cat(blocks), torch.cat(biases))])
        ((weight, bias),) = self.maps[-1]
        real, imaginary = weight.unbind(-1)
        layers.append([(torch.cat([real, -imaginary], 1), bias[:, 0])])
        return layers

    def forward(self, layers, x: Tensor) -> Tensor:
        omega, sigma = self.spec.omega, self.spec.sigma
        for k, ((weight, bias),) in enumerate(layers[:-1]):
            planes = self.hidden_product(k, x, weight, bias).chunk(self.spec.maps * (1 if k == 0 else 2), 1)
            exponent = -(sigma**2) * sum(plane * plane for plane in planes)
            if k > 0:
                exponent = exponent - omega * planes[1]
            envelope, phase = torch.exp(exponent), omega * planes[0]
            x = torch.cat([envelope * torch.cos(phase), envelope * torch.sin(phase)], 1)
        ((weight, bias),) = layers[-1]
        return F.linear(x, weight, bias)


class Training:
    def __init__(self, network: Network, batch: int, rows, is_compiled: bool):
        self.batch = batch
        self.coordinates, self.targets = rows
        self.optimizer = torch.optim.Adam(network.parameters(), lr=LEARNING_RATE, fused=True)
        self.position = 0

        def loss(x: Tensor, target: Tensor) -> Tensor:
            return F.mse_loss(network(network.tensors(), x), target)

        self.loss_function = compiled(loss) if is_compiled else loss
        self.loss = None

    def run(self, count: int):
        for _ in range(count):
            rows = slice(self.position, self.position + self.batch)
            self.position += self.batch
            if self.position + self.batch > ROW_COUNT:
                self.position = 0
            self.optimizer.zero_grad(set_to_none=True)
            self.loss = self.loss_function(self.coordinates[rows], self.targets[rows])
            self.loss.backward()
            self.optimizer.step()


def compiled(function):
    return torch.compile(function, dynamic=False)


class PyTorchPeer(Peer):
    def __init__(self, threads: int):
        super().__init__()
        torch.manual_seed(0)
        self.set_threads(threads)
        self.rows = tuple(torch.from_numpy(array) for array in peer_protocol.training_rows(np.random.default_rng(0)))
        self.trainings = {}

    def hello(self):
        return {
            "peer": "pytorch",
            "version": torch.__version__,
            "python": sys.version.split()[0],
            "cpu_capability": torch.backends.cpu.get_cpu_capability(),
            "blas": "mkl" if torch.backends.mkl.is_available() else "other",
            "keeps_memory": arguments.keep_memory,
        }

    def set_threads(self, count: int):
        torch.set_num_threads(count)
        self.threads = count

    def variants(self, network: str):
        return ["plain", "split", "compiled"] if NETWORKS[network].is_complex else ["plain", "compiled"]

    def rounded_variants(self, network: str):
        return ["bfloat16", "compiled-bfloat16"]

    def network(self, name: str, variant: str) -> Network:
        if not NETWORKS[name].is_complex:
            network = Network(name)
        else:
            network = ComplexNetwork(name) if variant == "plain" else SplitNetwork(name)
        network.rounds = variant.endswith("bfloat16")
        return network

    def training_steps(self, name: str, batch: int, variant: str):
        training = Training(self.network(name, variant), batch, self.rows, variant.startswith("compiled"))
        self.trainings[name, batch, variant] = training
        return training.run

    def loss(self, name: str, batch: int, variant: str) -> float:
        return self.trainings[name, batch, variant].loss.item()

    def rendering(self, name: str, rows: int, chunk: int, variant: str):
        network = self.network(name, variant)
        forward = compiled(network.forward) if variant == "compiled" else network.forward
        coordinates = torch.empty(rows, 2).uniform_(-1, 1)
        values = torch.empty(rows, 1)

        starts = itertools.cycle(range(0, rows - chunk + 1, chunk))
        with torch.no_grad():
            layers = network.tensors()

        @torch.no_grad()
        def run(count: int):
            for start in itertools.islice(starts, count):
                values[start : start + chunk] = forward(layers, coordinates[start : start + chunk])

        return run


if __name__ == "__main__":
    PyTorchPeer(arguments.threads).serve(sys.stdin, replies)
