"""Fits pictures with PyTorch on the CPU: the recipes of the papers' public scripts, and tuned ones with small batches.

Requests (one JSON object a line, as README.md describes for the other peers):
  {"task": "fit", "recipe": NAME, "picture": FILE, "result": FILE, "seconds": 5, "held_out": false, "seed": 0}
      Trains for so many seconds (of training: evaluations, compilation and the first steps do not count), with a rate that
      falls to zero as the time runs out; writes the fitted picture, which the driver judges. `picture` and `result` are
      .npy files [height, width, channels] with values in 0...1. With `held_out` only every second row and column is seen.
      `steps` in place of `seconds` takes so many steps, and the rate falls with them.
  {"task": "pace", "recipe": NAME, "picture": FILE, "seconds": 10}
      Seconds of a step of a public recipe: the median of those that fit into this time, at least three.
  {"task": "start", "recipe": NAME, "picture": FILE, "steps": 30, "seed": 0}
      PSNR after the first steps of a public recipe, over all pixels.
The reply has `steps`, `seconds`, `rows_per_second`, `parameters` (real numbers), and `other_load` as from the other peers.
"""

import dataclasses
import math
import statistics
import sys
import time

import peer_protocol
from peer_protocol import OtherLoad, PeerError, serve

arguments = peer_protocol.parse_arguments("PyTorch")
replies = peer_protocol.private_stdout()
peer_protocol.keep_freed_memory()

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

torch.set_flush_denormal(True)  # as inr does; before the first thread, since threads inherit it
torch._dynamo.config.recompile_limit = 10_000
torch._dynamo.config.accumulated_recompile_limit = 10_000


TRIAL_SECONDS = 1.0


@dataclasses.dataclass(frozen=True)
class Recipe:
    """A network and how it is trained. A public one trains on all pixels at once, with the schedule of its script."""

    network: str
    rate: float
    width: int = 256
    hidden: int = 2
    batch: int | None = 512  # None: all pixels, as the public scripts
    steps: int | None = None  # of a public script
    schedule: str = "linear"
    first_rate: float = 1.0
    first_omega: float | None = None  # None: 0.27 sqrt(pixels), as this program's first default
    first_omega_per_side: float = 0.27
    omega: float = 30.0
    sigma: float = 10.0
    first_sigma: float | None = None
    gain: float = 1.0  # of the weights of hidden layers
    first_bias: float | None = None
    mean_bias: bool = True
    range: tuple[float, float] = (0.0, 1.0)  # what black and white are to the network
    levels: int = 8
    coarsest: int = 8
    finest: float = 1.0  # cells of the finest level, as a share of the picture's side
    table: int = 15  # log2 of a level's entries
    features: int = 2
    beta2: float = 0.999
    epsilon: float = 1e-8
    variant: str = "best"  # eager, compiled, or the faster of them here
    bfloat16: bool = False  # in the products of hidden layers; phases need more digits

    @property
    def is_public(self) -> bool:
        return self.batch is None


RECIPES = {
    # vsitzmann/siren, experiment_scripts/train_img.py: 512 x 512, four sine layers of 256, 10 000 steps at 1e-4.
    "public-siren": Recipe("sine", 1e-4, hidden=3, batch=None, steps=10_000, schedule="constant",
                           first_omega=30, mean_bias=False, range=(-1, 1)),
    # vishwa91/wire, wire_image_denoise.py, "image representation": omega0 20, sigma0 30, rate from 5e-3, 2000 iterations.
    "public-wire": Recipe("wire", 5e-3, width=181, hidden=2, batch=None, steps=2000, schedule="tenth",
                          first_omega=20, omega=20, sigma=30, mean_bias=False),
    # liuzhen0212/FINER, run_finer.sh, and run_siren.sh, run_wire.sh beside it: 5000 steps, pictures in -1...1.
    "public-finer": Recipe("finer", 5e-4, hidden=3, batch=None, steps=5000, schedule="tenth",
                           first_omega=30, mean_bias=False, range=(-1, 1)),
    "protocol-siren": Recipe("sine", 5e-4, hidden=3, batch=None, steps=5000, schedule="tenth",
                             first_omega=30, mean_bias=False, range=(-1, 1)),
    "protocol-wire": Recipe("wire", 5e-3, width=181, hidden=3, batch=None, steps=5000, schedule="tenth",
                            first_omega=20, omega=20, sigma=10, mean_bias=False, range=(-1, 1)),
    # Small batches, a first layer whose bandwidth suits the picture, a linear decay: what a careful user would write.
    "siren": Recipe("sine", 4e-4, first_rate=0.25, first_omega_per_side=0.4),
    "finer": Recipe("finer", 5e-4, first_omega=30, first_bias=3.0),
    "wire": Recipe("wire", 1e-3, width=181, first_omega_per_side=0.16, omega=10, sigma=30, first_sigma=20, gain=0.35,
                   batch=1024, mean_bias=False),
    # Fewer parameters than a gray picture of 512 x 512 has pixels; and more, which store rather than describe it.
    "grid": Recipe("grid", 1e-2, width=64, batch=2048, beta2=0.99,
                   levels=4, features=4, coarsest=64, finest=0.75, table=14),
    "large-grid": Recipe("grid", 1e-2, width=64, batch=2048, beta2=0.99,
                         levels=3, features=8, coarsest=64, finest=1.0, table=17),
}


# The smaller grid's products are too small to gain by it.
RECIPES |= {f"{name}-bfloat16": dataclasses.replace(RECIPES[name], bfloat16=True) for name in ("siren", "large-grid")}


class Mlp(nn.Module):
    """SIREN, FINER, and ReLU layers behind an encoding."""

    def __init__(self, recipe: Recipe, inputs: int, outputs: int, first_omega: float):
        super().__init__()
        self.kind = recipe.network
        self.bfloat16 = recipe.bfloat16
        self.omegas = [first_omega] + [recipe.omega] * recipe.hidden
        sizes = [inputs] + [recipe.width] * (recipe.hidden + 1) + [outputs]
        if self.kind == "grid":
            sizes = [inputs] + [recipe.width] * recipe.hidden + [outputs]
        self.layers = nn.ModuleList(nn.Linear(a, b) for a, b in zip(sizes, sizes[1:]))
        with torch.no_grad():
            for k, layer in enumerate(self.layers):
                if self.kind == "grid":
                    nn.init.kaiming_uniform_(layer.weight, nonlinearity="relu")
                    layer.bias.zero_()
                    continue
                bound = 1 / inputs if k == 0 else math.sqrt(6 / recipe.width) / recipe.omega
                if 0 < k < len(self.layers) - 1:
                    bound *= recipe.gain
                layer.weight.uniform_(-bound, bound)
                if k == 0 and recipe.first_bias is not None:
                    layer.bias.uniform_(-recipe.first_bias, recipe.first_bias)

    def forward(self, x: Tensor) -> Tensor:
        for k, layer in enumerate(self.layers[:-1]):
            rounds = self.bfloat16 and (k > 0 or self.kind == "grid")
            with torch.autocast("cpu", torch.bfloat16, enabled=rounds):
                z = layer(x)
            z = z.float()
            if self.kind == "sine":
                x = torch.sin(self.omegas[k] * z)
            elif self.kind == "finer":
                # As FINER's code: no gradient through the scale.
                x = torch.sin(self.omegas[k] * (z.detach().abs() + 1) * z)
            else:
                x = torch.relu(z)
        return self.layers[-1](x)

    def output_bias(self) -> Tensor:
        return self.layers[-1].bias

    def first_parameters(self):
        return list(self.layers[0].parameters())


class Wire(nn.Module):
    """WIRE on real tensors, columns [Re | Im]: faster than complex64 (pytorch_peer.py, `split`)."""

    def __init__(self, recipe: Recipe, inputs: int, outputs: int, first_omega: float):
        super().__init__()
        self.constants = [(first_omega, recipe.first_sigma or recipe.sigma)] + [(recipe.omega, recipe.sigma)] * recipe.hidden
        sizes = [inputs] + [recipe.width] * (recipe.hidden + 1) + [outputs]
        self.weights, self.biases = nn.ParameterList(), nn.ParameterList()
        for k, (a, b) in enumerate(zip(sizes, sizes[1:])):
            pair = () if k == 0 else (2,)
            bound = 1 / math.sqrt(a)
            gain = recipe.gain if 0 < k < len(sizes) - 2 else 1.0
            self.weights.append(nn.Parameter(torch.empty(b, a, *pair).uniform_(-bound, bound) * gain))
            self.biases.append(nn.Parameter(torch.empty(b, *pair).uniform_(-bound, bound)))

    def forward(self, x: Tensor) -> Tensor:
        last = len(self.weights) - 1
        for k, (weight, bias) in enumerate(zip(self.weights, self.biases)):
            if k > 0:
                real, imaginary = weight.unbind(-1)
                rows = [torch.cat([real, -imaginary], 1)]
                if k == last:
                    return F.linear(x, rows[0], bias[:, 0])
                rows.append(torch.cat([imaginary, real], 1))
                weight, bias = torch.cat(rows), torch.cat(bias.unbind(-1))
            omega, sigma = self.constants[k]
            z = F.linear(x, weight, bias)
            if k == 0:
                exponent = -((sigma * z) ** 2)
            else:
                z, y = z.chunk(2, 1)
                exponent = -(sigma**2) * (z * z + y * y) - omega * y
            envelope = torch.exp(exponent)
            x = torch.cat([envelope * torch.cos(omega * z), envelope * torch.sin(omega * z)], 1)

    def output_bias(self) -> Tensor:
        return self.biases[-1][:, 0]

    def first_parameters(self):
        return [self.weights[0], self.biases[0]]


class Grid(nn.Module):
    """Features of a multi-resolution grid (instant-ngp, arXiv 2201.05989) in front of a small ReLU network.

    The four corners and weights of each pixel and level are computed once: the pixels of a fit do not move.
    """

    def __init__(self, recipe: Recipe, outputs: int, points: Tensor, side: int):
        super().__init__()
        size, count = 1 << recipe.table, recipe.levels
        finest = max(recipe.finest * side, recipe.coarsest)
        growth = (finest / recipe.coarsest) ** (1 / max(count - 1, 1))
        corners, weights, offset = [], [], 0
        for level in range(count):
            cells = round(recipe.coarsest * growth**level)
            entries = min((cells + 1) ** 2, size)
            place = (points.double() + 1) / 2 * cells
            low = place.floor().clamp(0, cells - 1)
            share = place - low
            low = low.long()
            for dx in (0, 1):
                for dy in (0, 1):
                    x, y = low[:, 0] + dx, low[:, 1] + dy
                    dense = y * (cells + 1) + x
                    index = dense if (cells + 1) ** 2 <= size else (x ^ (y * 2654435761)) % entries
                    corners.append(index + offset)
                    weight = (share[:, 0] if dx else 1 - share[:, 0]) * (share[:, 1] if dy else 1 - share[:, 1])
                    weights.append(weight.float())
            offset += entries
        self.register_buffer("corners", torch.stack(corners, 1).view(len(points), count, 4).int())
        self.register_buffer("shares", torch.stack(weights, 1).view(len(points), count, 4))
        self.table = nn.Parameter(torch.empty(offset, recipe.features).uniform_(-1e-4, 1e-4))
        self.mlp = Mlp(recipe, count * recipe.features, outputs, 0.0)
        self.features = count * recipe.features

    def forward(self, rows: Tensor) -> Tensor:
        bags = F.embedding_bag(
            self.corners[rows].view(-1, 4), self.table, per_sample_weights=self.shares[rows].view(-1, 4), mode="sum")
        return self.mlp(bags.view(-1, self.features))

    def output_bias(self) -> Tensor:
        return self.mlp.output_bias()

    def first_parameters(self):
        return []


class Task:
    """A picture, the pixels that are seen, and where all of them lie."""

    def __init__(self, request: dict):
        picture = np.load(request["picture"])
        picture = picture.reshape(*picture.shape[:2], -1)
        self.height, self.width, self.channels = picture.shape
        self.targets = torch.from_numpy(picture.reshape(-1, self.channels).astype(np.float32))
        lines = [(2 * np.arange(n) + 1) / n - 1 for n in (self.width, self.height)]
        x, y = np.meshgrid(*lines)
        self.points = torch.from_numpy(np.stack([x.ravel(), y.ravel()], 1).astype(np.float32))
        # Where the public scripts have them: linspace(-1, 1).
        x, y = np.meshgrid(*(np.linspace(-1, 1, n) for n in (self.width, self.height)))
        self.stretched_points = torch.from_numpy(np.stack([x.ravel(), y.ravel()], 1).astype(np.float32))
        seen = np.ones((self.height, self.width), bool)
        if request.get("held_out"):
            seen[:] = False
            seen[::2, ::2] = True
        self.seen = torch.from_numpy(np.flatnonzero(seen))
        # Samples along a side of the square, for bandwidths.
        self.side = math.sqrt(len(self.seen))


class Fit:
    def __init__(self, recipe: Recipe, task: Task, seed: int):
        torch.manual_seed(seed)
        self.recipe, self.task = recipe, task
        omega = recipe.first_omega or recipe.first_omega_per_side * task.side
        low, high = recipe.range
        self.targets = task.targets * (high - low) + low
        if recipe.network == "grid":
            self.network = Grid(recipe, task.channels, task.points, round(task.side))
            self.inputs = torch.arange(len(task.points))
        else:
            kind = Wire if recipe.network == "wire" else Mlp
            self.network = kind(recipe, 2, task.channels, omega)
            self.inputs = task.stretched_points if recipe.is_public else task.points
        if recipe.mean_bias:
            with torch.no_grad():
                self.network.output_bias().copy_(self.targets[task.seen].mean(0))
        first = self.network.first_parameters()
        others = [p for p in self.network.parameters() if all(p is not q for q in first)]
        groups = [{"params": others, "factor": 1.0}] + [{"params": first, "factor": recipe.first_rate}] * bool(first)
        self.optimizer = torch.optim.Adam(
            groups, lr=recipe.rate, betas=(0.9, recipe.beta2), eps=recipe.epsilon, fused=True)
        self.generator = torch.Generator().manual_seed(seed + 1)
        self.batch = recipe.batch or len(task.seen)
        self.order, self.position, self.step, self.seconds = task.seen, 0, 0, 0.0

        def loss(x: Tensor, target: Tensor) -> Tensor:
            return F.mse_loss(self.network(x), target)

        self.loss = torch.compile(loss, dynamic=False) if recipe.variant == "compiled" else loss
        if recipe.batch is None and not isinstance(self.network, Grid):
            self.rows = (self.inputs[task.seen], self.targets[task.seen])

    def next_rows(self):
        if self.recipe.batch is None:
            return self.rows
        if self.position == 0 or self.position + self.batch > len(self.order):
            self.order = self.task.seen[torch.randperm(len(self.task.seen), generator=self.generator)]
            self.position = 0
        rows = self.order[self.position : self.position + self.batch]
        self.position += self.batch
        return self.inputs[rows], self.targets[rows]

    def warm_up(self):
        """Compiles and runs a step that leaves no trace."""
        x, target = self.next_rows()
        self.loss(x, target).backward()
        self.optimizer.zero_grad(set_to_none=True)
        self.position = 0

    def factor(self, progress: float) -> float:
        match self.recipe.schedule:
            case "constant":
                return 1.0
            case "tenth":
                return 0.1**progress
        return max(1 - progress, 0.0)

    def take_step(self, progress: float):
        rate = self.recipe.rate * self.factor(progress)
        for group in self.optimizer.param_groups:
            group["lr"] = rate * group["factor"]
        x, target = self.next_rows()
        self.optimizer.zero_grad(set_to_none=True)
        self.loss(x, target).backward()
        self.optimizer.step()
        self.step += 1

    def run(self, seconds: float | None, steps: int | None):
        self.warm_up()
        clock = time.perf_counter
        start = clock()
        while True:
            self.seconds = clock() - start
            progress = self.step / steps if steps else self.seconds / seconds
            if progress >= 1:
                break
            self.take_step(progress)

    @torch.no_grad()
    def picture(self) -> np.ndarray:
        low, high = self.recipe.range
        values = torch.cat([self.network(x) for x in self.inputs.split(16384)])
        values = ((values - low) / (high - low)).clamp(0, 1)
        return values.view(self.task.height, self.task.width, -1).numpy()

    def psnr(self) -> float:
        error = self.picture().reshape(-1, self.task.channels).astype(np.float64) - self.task.targets.numpy()
        return -10 * math.log10((error**2).mean())

    def figures(self, other: OtherLoad) -> dict:
        return {
            "steps": self.step, "seconds": self.seconds, "rows_per_second": self.step * self.batch / max(self.seconds, 1e-9),
            "parameters": sum(p.numel() for p in self.network.parameters()), "other_load": other.cores(),
        }


def recipe(request: dict) -> Recipe:
    found = RECIPES.get(request.get("recipe"))
    if found is None:
        raise PeerError(f"recipe is {request.get('recipe')!r}; expected one of {', '.join(RECIPES)}")
    return dataclasses.replace(found, **request.get("changes", {}))


fastest: dict[tuple, str] = {}


def with_variant(recipe: Recipe, task: Task) -> Recipe:
    """The recipe with the variant that takes more steps in a second, tried once for each recipe and number of channels."""
    if recipe.variant != "best":
        return recipe
    key = (recipe, task.channels)
    if key not in fastest:
        rates = {}
        for variant in ("eager", "compiled"):
            try:
                trial = Fit(dataclasses.replace(recipe, variant=variant), task, 0)
                trial.run(TRIAL_SECONDS, None)
                rates[variant] = trial.step / trial.seconds
            except Exception as error:  # for example: no C++ compiler
                print(f"{variant}: {type(error).__name__}: {error}"[:300], file=sys.stderr)
        fastest[key] = max(rates, key=rates.get)
    return dataclasses.replace(recipe, variant=fastest[key])


def fit(request: dict) -> dict:
    task = Task(request)
    chosen = with_variant(recipe(request), task)
    fit = Fit(chosen, task, request.get("seed", 0))
    other = OtherLoad()
    fit.run(request.get("seconds"), request.get("steps"))
    reply = fit.figures(other) | {"variant": chosen.variant}
    if "result" in request:
        np.save(request["result"], fit.picture().astype(np.float32))
    return reply | {"psnr": fit.psnr()}


def pace(request: dict) -> dict:
    """Seconds of a step, eager as the public scripts."""
    fit = Fit(recipe(request), Task(request), 0)
    fit.take_step(0)
    other, times, clock = OtherLoad(), [], time.perf_counter
    end = clock() + request.get("seconds", 10)
    while len(times) < 3 or clock() < end:
        start = clock()
        fit.take_step(0)
        times.append(clock() - start)
    fit.seconds = sum(times)
    fit.step -= 1
    return fit.figures(other) | {"seconds_per_step": statistics.median(times)}


def begin(request: dict) -> dict:
    """PSNR after the first steps."""
    fit = Fit(recipe(request), Task(request), request.get("seed", 0))
    other = OtherLoad()
    for step in range(request["steps"]):
        fit.take_step(step / fit.recipe.steps)
    return fit.figures(other) | {"psnr": fit.psnr()}


def answer(request: dict) -> dict:
    match request.get("task"):
        case "hello":
            return {"peer": "quality", "version": torch.__version__, "python": sys.version.split()[0],
                    "cpu_capability": torch.backends.cpu.get_cpu_capability()}
        case "fit":
            return fit(request)
        case "pace":
            return pace(request)
        case "start":
            return begin(request)
    raise PeerError(f"task is {request.get('task')!r}; expected hello, fit, pace, start or quit")


if __name__ == "__main__":
    torch.set_num_threads(arguments.threads)
    serve(answer, sys.stdin, replies)
