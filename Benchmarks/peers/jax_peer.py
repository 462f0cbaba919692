"""Times JAX on the CPU: one training step (forward, mean squared error, backward, Adam) and rendering.

Variants of a network:
  plain     as the networks' papers write them; WIRE in complex64
  split     WIRE only: real and imaginary planes, a complex product as three real ones
Everything is under `jit`; parameters and Adam's moments are donated; batches are sliced on the device.
The number of threads is that of the cores the process may use, fixed when JAX starts.
"""

import itertools
import os
import sys
from functools import partial

import peer_protocol
from peer_protocol import LEARNING_RATE, NETWORKS, ROW_COUNT, Peer, PeerError

arguments = peer_protocol.parse_arguments("JAX")
replies = peer_protocol.private_stdout()
if arguments.keep_memory:
    peer_protocol.keep_freed_memory()
os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[: arguments.threads])  # XLA sizes its thread pool by this
os.environ.setdefault("JAX_PLATFORMS", "cpu")

import jax
import jax.numpy as jnp
import jaxlib
import numpy as np
from jax import lax

generator = np.random.default_rng(0)


# --- Networks: `layers[k]` is a list of maps, each (weight [in, out], bias [out])


def squared_magnitude(z):
    return lax.real(z) ** 2 + lax.imag(z) ** 2 if jnp.iscomplexobj(z) else z * z


def make_layers(name: str, is_split: bool):
    spec = NETWORKS[name]
    layers = []
    for k, (inputs, outputs) in enumerate(zip(spec.sizes, spec.sizes[1:])):
        bound = peer_protocol.weight_bound(name, k, inputs)

        def draw(*shape):
            return jnp.asarray(generator.uniform(-bound, bound, shape).astype("float32"))

        def pair(*shape):
            if not (spec.is_complex and k > 0):
                return draw(*shape)
            return (draw(*shape), draw(*shape)) if is_split else lax.complex(draw(*shape), draw(*shape))

        count = 1 if k == len(spec.sizes) - 2 else spec.maps
        layers.append([(pair(inputs, outputs), pair(outputs)) for _ in range(count)])
    return layers


def apply_real(name: str, layers, x):
    spec = NETWORKS[name]
    activation = {
        "siren": lambda z: jnp.sin(spec.omega * z),
        "relu": jax.nn.relu,
        "gauss": lambda z: jnp.exp(-((spec.sigma * z) ** 2)),
    }[name]
    for ((weight, bias),) in layers[:-1]:
        x = activation(x @ weight + bias)
    ((weight, bias),) = layers[-1]
    return x @ weight + bias


def apply_complex(name: str, layers, x):
    spec = NETWORKS[name]
    for maps in layers[:-1]:
        z, *rest = (x @ weight + bias for weight, bias in maps)
        envelope = spec.sigma**2 * sum(map(squared_magnitude, [z, *rest]))
        x = jnp.exp(1j * spec.omega * z - envelope)
    ((weight, bias),) = layers[-1]
    return lax.real(x @ weight + bias)


def apply_split(name: str, layers, x):
    spec = NETWORKS[name]
    planes = [x @ weight + bias for weight, bias in layers[0]]
    exponent, phase = -(spec.sigma**2) * sum(z * z for z in planes), spec.omega * planes[0]
    for maps in layers[1:-1]:
        wavelet = jnp.exp(lax.complex(exponent, phase))  # faster than exp, cos and sin apart
        real, imaginary = lax.real(wavelet), lax.imag(wavelet)
        planes = []
        for (weight_real, weight_imaginary), (bias_real, bias_imaginary) in maps:
            a, b = real @ weight_real, imaginary @ weight_imaginary
            c = (real + imaginary) @ (weight_real + weight_imaginary)
            planes += [a - b + bias_real, c - a - b + bias_imaginary]
        exponent = -(spec.sigma**2) * sum(z * z for z in planes) - spec.omega * planes[1]
        phase = spec.omega * planes[0]
    (((weight_real, weight_imaginary), (bias, _)),) = layers[-1]
    wavelet = jnp.exp(lax.complex(exponent, phase))
    return lax.real(wavelet) @ weight_real - lax.imag(wavelet) @ weight_imaginary + bias


def network(name: str, variant: str):
    is_split = variant == "split"
    apply = apply_real if not NETWORKS[name].is_complex else apply_split if is_split else apply_complex
    return make_layers(name, is_split), partial(apply, name)


# --- Adam


def adam(layers, gradients, moments, step):
    """One step with PyTorch's constants; a complex parameter has one second moment, that of its magnitude.

    JAX's gradient by a complex parameter is the conjugate of the direction of ascent.
    """
    beta1, beta2, epsilon = 0.9, 0.999, 1e-8
    first, second = moments
    gradients = jax.tree.map(jnp.conj, gradients)
    first = jax.tree.map(lambda m, g: beta1 * m + (1 - beta1) * g, first, gradients)
    second = jax.tree.map(lambda v, g: beta2 * v + (1 - beta2) * squared_magnitude(g), second, gradients)
    scale1, scale2 = 1 / (1 - beta1**step), 1 / (1 - beta2**step)
    layers = jax.tree.map(
        lambda p, m, v: p - LEARNING_RATE * (m * scale1) / (jnp.sqrt(v * scale2) + epsilon), layers, first, second
    )
    return layers, (first, second)


class Training:
    def __init__(self, name: str, batch: int, rows, variant: str):
        layers, apply = network(name, variant)
        self.rows = rows
        batch_count = ROW_COUNT // batch

        @partial(jax.jit, donate_argnums=0)
        def step(state, rows):
            layers, moments, count = state
            start = (count % batch_count) * batch
            x, target = (lax.dynamic_slice_in_dim(array, start, batch) for array in rows)
            loss, gradients = jax.value_and_grad(lambda p: jnp.mean((apply(p, x) - target) ** 2))(layers)
            layers, moments = adam(layers, gradients, moments, (count + 1).astype(jnp.float32))
            return (layers, moments, count + 1), loss

        self.step = step
        zeros = jax.tree.map(jnp.zeros_like, layers)
        self.state = (layers, (zeros, jax.tree.map(lambda p: jnp.zeros(p.shape), layers)), jnp.int32(0))
        self.loss = None

    def run(self, count: int):
        for _ in range(count):
            self.state, self.loss = self.step(self.state, self.rows)
        jax.block_until_ready((self.state, self.loss))


class JaxPeer(Peer):
    def __init__(self, threads: int):
        super().__init__()
        self.threads = threads
        self.rows = tuple(map(jnp.asarray, peer_protocol.training_rows(generator)))
        self.trainings = {}

    def hello(self):
        return {
            "peer": "jax",
            "version": jax.__version__,
            "jaxlib": jaxlib.__version__,
            "python": sys.version.split()[0],
            "keeps_memory": arguments.keep_memory,
        }

    def set_threads(self, count: int):
        raise PeerError(f"threads is {count}; JAX fixes them at the start, here {self.threads}: use --threads")

    def variants(self, name: str):
        return ["plain", "split"] if NETWORKS[name].is_complex else ["plain"]

    def training_steps(self, name: str, batch: int, variant: str):
        training = Training(name, batch, self.rows, variant)
        self.trainings[name, batch, variant] = training
        return training.run

    def loss(self, name: str, batch: int, variant: str) -> float:
        return float(self.trainings[name, batch, variant].loss)

    def rendering(self, name: str, rows: int, chunk: int, variant: str):
        layers, apply = network(name, variant)
        apply = jax.jit(apply)
        coordinates = generator.uniform(-1, 1, (rows, 2)).astype("float32")
        chunks = itertools.cycle(
            [jnp.asarray(coordinates[start : start + chunk]) for start in range(0, rows - chunk + 1, chunk)]
        )

        def run(count: int):
            jax.block_until_ready([apply(layers, x) for x in itertools.islice(chunks, count)])

        return run


if __name__ == "__main__":
    JaxPeer(arguments.threads).serve(sys.stdin, replies)
