"""What the two peers share: the networks to time, how a time is taken, and the conversation with the driver.

The driver writes one JSON object a line to the peer's standard input and reads one JSON object a line from its
standard output (README.md describes both). A peer starts once, builds what a request needs when it is first
asked, keeps it, and is idle between requests, so that a driver can take its own times and the peers' in turn.
"""

import argparse
import json
import math
import os
import statistics
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np

ROW_COUNT = 262_144  # training rows, already in random order: a mini-batch is a contiguous slice
LEARNING_RATE = 1e-4
WARM_UP_STEPS = 2
MINIMUM_SAMPLE_SECONDS = 0.02  # one sample is as many whole steps as last at least this long
TRIAL_SECONDS = 0.25
TRIAL_ROUNDS = 3
QUIET_CORES = 0.3
RENDER_CHUNKS = (2048, 8192, 32_768, 131_072)


@dataclass(frozen=True)
class NetworkSpec:
    """Sizes and constants; `maps` is the number of linear maps in a hidden layer."""

    sizes: tuple[int, ...]
    omega: float = 0.0
    sigma: float = 0.0
    is_complex: bool = False
    maps: int = 1

    @property
    def training_flops(self) -> int:
        """Matrix-product flops of one row's step: forward, weight gradients, input gradients but the first.

        A complex product counts as the four real ones of its definition.
        """
        total = 0
        for k, (inputs, outputs) in enumerate(zip(self.sizes, self.sizes[1:])):
            is_last = k == len(self.sizes) - 2
            maps = 1 if is_last else self.maps
            total += maps * (2 if k == 0 else 3) * 2 * inputs * outputs * (4 if self.is_complex and k > 0 else 1)
        return total


NETWORKS = {
    "wire": NetworkSpec((2, 181, 181, 181, 1), omega=10.0, sigma=10.0, is_complex=True),
    "siren": NetworkSpec((2, 256, 256, 256, 1), omega=30.0),
    "relu": NetworkSpec((2, 256, 256, 256, 1)),
    "gauss": NetworkSpec((2, 256, 256, 256, 1), sigma=10.0),
    "wire2d": NetworkSpec((2, 128, 128, 128, 1), omega=10.0, sigma=10.0, is_complex=True, maps=2),
}


def weight_bound(name: str, layer: int, inputs: int) -> float:
    """Half the width of the uniform distribution of a layer's weights, as each network's paper sets it."""
    if name == "siren":
        return 1 / inputs if layer == 0 else math.sqrt(6 / inputs) / NETWORKS[name].omega
    return math.sqrt(6 / inputs) if name == "relu" else 1 / math.sqrt(inputs)


def training_rows(generator):
    """Coordinates in [-1, 1]^2 and a smooth target in [0, 1], as float32 arrays [rows, 2] and [rows, 1]."""
    coordinates = generator.uniform(-1, 1, (ROW_COUNT, 2)).astype("float32")
    waves = [(k + 1, generator.uniform(-1, 1, (2, 1)) * 3 * (k + 1)) for k in range(6)]
    values = sum(np.sin(coordinates @ direction) / weight for weight, direction in waves)
    values = (values - values.min()) / (values.max() - values.min())
    return coordinates, values.astype("float32")


class PeerError(Exception):
    """A request that cannot be answered; its text goes back to the driver."""


@dataclass(frozen=True)
class Candidate:
    """One way to answer a request: `build()` returns a function of a count of steps, of `rows` rows each."""

    key: tuple
    rows: int
    build: Callable[[], Callable[[int], None]]


class Measurement:
    """Repeats `run_steps(count)`, which returns when `count` steps are complete, and keeps the time per step."""

    def __init__(self, run_steps):
        self.run_steps = run_steps
        self.run_steps(WARM_UP_STEPS)  # compiles on the first call; excluded
        start = time.perf_counter()
        self.run_steps(1)
        self.steps_per_sample = max(1, math.ceil(MINIMUM_SAMPLE_SECONDS / (time.perf_counter() - start)))
        self.reset()

    def reset(self):
        self.samples = []

    def run(self, seconds: float, minimum_samples: int = 3):
        end = time.perf_counter() + seconds
        while True:
            start = time.perf_counter()
            self.run_steps(self.steps_per_sample)
            now = time.perf_counter()
            self.samples.append((now - start) / self.steps_per_sample)
            if now >= end and len(self.samples) >= minimum_samples:
                return

    @property
    def median(self) -> float:
        return statistics.median(self.samples)


class OtherLoad:
    """How many cores other processes kept busy since it was made (None where /proc/stat does not exist)."""

    def __init__(self):
        self.start = self.clocks()

    @staticmethod
    def clocks():
        try:
            with open("/proc/stat") as file:
                ticks = [int(word) for word in file.readline().split()[1:9]]
        except OSError:
            return None
        user, nice, system, _idle, _wait, interrupt, soft_interrupt, stolen = ticks
        busy = (user + nice + system + interrupt + soft_interrupt + stolen) / os.sysconf("SC_CLK_TCK")
        own = os.times()
        return time.perf_counter(), busy - own.user - own.system

    def cores(self):
        end = self.clocks()
        if self.start is None or end is None:
            return None
        return round(max(0.0, (end[1] - self.start[1]) / max(1e-9, end[0] - self.start[0])), 2)


class Peer:
    """Answers requests. A subclass names its program and builds what is timed.

    `variants(network)` lists the ways in which the program can compute the network, and `rounded_variants` those whose
    products have factors in bfloat16, of which the variant "best-bfloat16" is the fastest;
    `training_steps(network, batch, variant)` and `rendering(network, rows, chunk, variant)` return a function of a
    count of batches or chunks, and `loss(network, batch, variant)` the last training loss.
    """

    threads = 1

    def __init__(self):
        self.measurements = {}
        self.chosen = {}

    def hello(self):
        raise NotImplementedError

    def rounded_variants(self, network: str):
        return []

    def set_threads(self, count: int):
        raise NotImplementedError

    # --- Requests

    def answer(self, request: dict) -> dict:
        task = request.get("task")
        if task == "hello":
            return self.hello() | {"threads": self.threads, "networks": {n: self.variants(n) for n in NETWORKS}}
        if task not in ("train", "render"):
            raise PeerError(f"task is {task!r}; expected hello, train, render or quit")
        network = request.get("network")
        if network not in NETWORKS:
            raise PeerError(f"network is {network!r}; expected one of {', '.join(NETWORKS)}")
        threads = self.positive(request, "threads", self.threads)
        if threads != self.threads:
            self.set_threads(threads)
            self.chosen.clear()
        seconds = request.get("seconds", 1.5)
        if not isinstance(seconds, (int, float)) or not 0 <= seconds <= 600:
            raise PeerError(f"seconds is {seconds!r}; expected a number from 0 to 600")
        variant = request.get("variant", "best")
        names = self.rounded_variants(network) if variant == "best-bfloat16" else self.variants(network)
        if not variant.startswith("best") and variant not in names:
            raise PeerError(f"variant is {variant!r}; {network} has best, {', '.join(names)}")
        names = names if variant.startswith("best") else [variant]
        if not names:
            raise PeerError(f"{network} has no variant in bfloat16 here")
        if task == "train":
            batch = self.positive(request, "batch", 2048)
            if batch > ROW_COUNT:
                raise PeerError(f"batch is {batch}; there are {ROW_COUNT} rows")
            return self.train(network, batch, names, seconds)
        rows = self.positive(request, "rows", ROW_COUNT)
        chunk = self.positive(request, "chunk", 0) if "chunk" in request else None
        return self.render(network, rows, chunk, names, seconds)

    @staticmethod
    def positive(request: dict, key: str, default: int) -> int:
        value = request.get(key, default)
        if not isinstance(value, int) or isinstance(value, bool) or value < 1:
            raise PeerError(f"{key} is {value!r}; expected a whole number of at least 1")
        return value

    def train(self, network, batch, names, seconds) -> dict:
        candidates = {
            name: Candidate(
                ("train", network, batch, name), batch, partial(self.training_steps, network, batch, name)
            )
            for name in names
        }
        reply = self.measure(candidates, seconds)
        loss = self.loss(network, batch, reply["variant"])
        if not math.isfinite(loss):
            raise PeerError(f"the loss of {network} at batch {batch} is {loss}")
        flops = NETWORKS[network].training_flops
        return reply | {"loss": loss, "gigaflops": reply["rows_per_second"] * flops / 1e9}

    def render(self, network, rows, chunk, names, seconds) -> dict:
        chunks = sorted({min(rows, c) for c in ([chunk] if chunk else (*RENDER_CHUNKS, rows))})
        candidates = {
            f"{name}/{c}": Candidate(
                ("render", network, rows, c, name), c, partial(self.rendering, network, rows, c, name)
            )
            for name in names
            for c in chunks
        }
        reply = self.measure(candidates, seconds)
        variant, chunk = reply["variant"].split("/")
        return reply | {"variant": variant, "chunk": int(chunk)}

    def measure(self, candidates: dict[str, Candidate], seconds: float) -> dict:
        """Takes the time of the fastest candidate; the first request for these candidates finds out which it is."""
        key = tuple(candidate.key for candidate in candidates.values())
        other = OtherLoad()
        choice = self.chosen.get(key) or self.choose(candidates)
        label, trial, failures = choice
        if (other.cores() or 0) < QUIET_CORES:  # a choice made while others used the cores is made again
            self.chosen[key] = choice
        candidate = candidates[label]
        measurement = self.measurements[candidate.key]
        measurement.reset()
        other = OtherLoad()
        measurement.run(seconds)
        reply = {
            "rows_per_second": candidate.rows / measurement.median,
            "best_rows_per_second": candidate.rows / min(measurement.samples),
            "median_step_seconds": measurement.median,
            "steps": len(measurement.samples) * measurement.steps_per_sample,
            "samples": len(measurement.samples),
            "variant": label,
            "threads": self.threads,
            "other_load": other.cores(),
        }
        if trial:
            reply["trial"] = {name: round(rate) for name, rate in trial.items()}
        if failures:
            reply["failures"] = failures
        return reply

    def choose(self, candidates: dict[str, Candidate]):
        """The label of the fastest candidate, the rates that say so, and why others could not be built."""
        failures = {}
        for label, candidate in candidates.items():
            if candidate.key not in self.measurements:
                try:
                    self.measurements[candidate.key] = Measurement(candidate.build())
                except Exception as error:  # for example: no C++ compiler for a compiled variant
                    failures[label] = f"{type(error).__name__}: {error}"[:300]
                    print(f"{label}: {failures[label]}", file=sys.stderr)
        working = {label: c for label, c in candidates.items() if c.key in self.measurements}
        if not working:
            raise PeerError(f"no variant works: {failures}")
        if len(working) == 1:
            return next(iter(working)), {}, failures
        for candidate in working.values():
            self.measurements[candidate.key].reset()
        for _ in range(TRIAL_ROUNDS):
            for candidate in working.values():
                self.measurements[candidate.key].run(TRIAL_SECONDS / TRIAL_ROUNDS, minimum_samples=1)
        rates = {label: c.rows / self.measurements[c.key].median for label, c in working.items()}
        return max(rates, key=rates.get), rates, failures

    def serve(self, requests, replies):
        serve(self.answer, requests, replies)


def serve(answer: Callable[[dict], dict], requests, replies):
    """Answers one request a line until there are no more, or one asks to quit."""
    for line in requests:
        if not line.strip():
            continue
        try:
            request = json.loads(line)
            if not isinstance(request, dict):
                raise PeerError("a request is a JSON object")
            if request.get("task") == "quit":
                return
            reply = answer(request)
        except json.JSONDecodeError as error:
            reply = {"error": f"not JSON: {error}"}
        except Exception as error:
            reply = {"error": f"{type(error).__name__}: {error}"}
        replies.write(json.dumps(reply) + "\n")
        replies.flush()


def parse_arguments(program: str) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=f"Times {program} on one training step and on rendering.")
    parser.add_argument("--threads", type=int, default=len(os.sched_getaffinity(0)), help="default: all cores")
    parser.add_argument(
        "--keep-memory", action="store_true", help="glibc keeps freed memory: no page faults, more memory"
    )
    arguments = parser.parse_args()
    if arguments.threads < 1:
        parser.error(f"--threads is {arguments.threads}; expected at least 1")
    return arguments


def keep_freed_memory():
    """Makes glibc's malloc keep large blocks: PyTorch then reuses a step's activations without new page faults."""
    import ctypes

    trim_threshold, mmap_maximum = -1, -4  # M_TRIM_THRESHOLD, M_MMAP_MAX of mallopt(3)
    libc = ctypes.CDLL(None)
    libc.mallopt(mmap_maximum, 0)
    libc.mallopt(trim_threshold, 2**31 - 1)


def private_stdout():
    """The driver's pipe; anything else that prints goes to standard error, so replies stay one JSON object a line."""
    replies = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    return replies
