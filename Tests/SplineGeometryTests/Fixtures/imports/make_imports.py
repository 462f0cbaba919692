"""Networks as other programs save them, and what they compute.

Run with PyTorch, onnx, onnxscript, onnxruntime and safetensors:  python make_imports.py
(made with PyTorch 2.13.0, onnx 1.23.2, onnxscript 0.7.2, onnxruntime 1.31.1). Writes beside itself

  NAME.onnx         exported by PyTorch (old: by tracing, new: torch.export), or made by onnx.helper
  NAME.safetensors  a module's state_dict
  refused_*.onnx    graphs that are no piecewise-affine network, or have other inputs
  values.safetensors with the tensors NAME.input [points, coordinates] and NAME.output [points, values]:
                    of ONNX files what onnxruntime computes, of modules what they compute in float64
"""
import os

import numpy as np
import onnx
import onnxruntime
import torch
from onnx import TensorProto, helper, numpy_helper
from safetensors.numpy import save_file as save_arrays
from safetensors.torch import save_file
from torch import nn

OUT = os.path.dirname(os.path.abspath(__file__))
torch.manual_seed(5)
rng = np.random.default_rng(5)
values = {}


def path(name):
    return os.path.join(OUT, name)


def keep(name, points, results):
    values[name + ".input"] = np.ascontiguousarray(points)
    values[name + ".output"] = np.ascontiguousarray(results)


def run(name, inputs, dtype=np.float32):
    points = rng.uniform(-1, 1, (20, inputs)).astype(dtype)
    session = onnxruntime.InferenceSession(path(name + ".onnx"), providers=["CPUExecutionProvider"])
    results = session.run(None, {session.get_inputs()[0].name: points})
    keep(name, points, np.concatenate([r.reshape(len(points), -1) for r in results], axis=1))


def export(name, module, inputs, kind, **options):
    module.eval()
    arguments = dict(input_names=["points"], output_names=["values"], **options)
    if kind == "old":
        arguments = dict(dynamo=False, dynamic_axes={"points": {0: "batch"}}) | arguments
    else:
        arguments = dict(
            dynamo=True, dynamic_shapes=({0: torch.export.Dim("batch")},), verbose=False) | arguments
        arguments.setdefault("external_data", False)
    torch.onnx.export(module, (torch.zeros(20, inputs),), path(name + ".onnx"), **arguments)
    # Without the notes on where the code stood.
    model = onnx.load(path(name + ".onnx"), load_external_data=False)
    del model.metadata_props[:], model.graph.metadata_props[:]
    for part in [*model.graph.node, *model.graph.input, *model.graph.output, *model.graph.value_info,
                 *model.graph.initializer]:
        part.doc_string = ""
        del part.metadata_props[:]
    onnx.save(model, path(name + ".onnx"))
    run(name, inputs)


class Plain(nn.Sequential):
    def __init__(self, sizes, activation=nn.ReLU, bias=True):
        layers = []
        for a, b in zip(sizes, sizes[1:]):
            layers += [nn.Linear(a, b, bias=bias), activation()]
        super().__init__(*layers[:-1])


class DeepSDF(nn.Module):
    """As the decoder of DeepSDF: the input again at one layer, and tanh at the end."""

    def __init__(self, inputs, width, norm=lambda layer: layer, scale=1.0, tanh=True):
        super().__init__()
        self.scale, self.tanh = scale, tanh
        sizes = [(inputs, width), (width, width - inputs), (width, width), (width, 1)]
        for k, (a, b) in enumerate(sizes):
            setattr(self, f"lin{k}", norm(nn.Linear(a, b)))

    def forward(self, x):
        h = torch.relu(self.lin0(x))
        h = torch.relu(self.lin1(h))
        h = torch.cat([h, x], 1) * self.scale
        h = self.lin3(torch.relu(self.lin2(h)))
        return torch.tanh(h) if self.tanh else h


class Residual(nn.Module):
    def __init__(self):
        super().__init__()
        self.first = nn.Linear(3, 12)
        self.blocks = nn.ModuleList([Plain([12, 9, 12]) for _ in range(3)])
        self.last = nn.Linear(12, 2)

    def forward(self, x):
        x = torch.relu(self.first(x))
        for block in self.blocks:
            x = torch.relu(x + block(x))
        return self.last(x)


class ResnetBlockFC(nn.Module):
    """The block of Occupancy Networks."""

    def __init__(self, a, b):
        super().__init__()
        self.fc_0, self.fc_1 = nn.Linear(a, min(a, b)), nn.Linear(min(a, b), b)
        self.shortcut = None if a == b else nn.Linear(a, b, bias=False)

    def forward(self, x):
        dx = self.fc_1(torch.relu(self.fc_0(torch.relu(x))))
        return (x if self.shortcut is None else self.shortcut(x)) + dx


class Occupancy(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc_p = nn.Linear(3, 10)
        self.block0, self.block1 = ResnetBlockFC(10, 10), ResnetBlockFC(10, 7)
        self.fc_out = nn.Linear(7, 1)

    def forward(self, x):
        return self.fc_out(torch.relu(self.block1(self.block0(self.fc_p(x)))))


def norm(width, **options):
    """A batch normalisation as it is after some training."""
    module = nn.BatchNorm1d(width, **options)
    with torch.no_grad():
        module.running_mean.normal_(0, 0.3)
        module.running_var.uniform_(0.2, 2)
        if module.affine:
            module.weight.normal_(1, 0.3)
            module.bias.normal_(0, 0.3)
    return module


class Named(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc1, self.fc2, self.fc3 = nn.Linear(3, 9), nn.Linear(9, 8), nn.Linear(8, 1)
        self.bn1, self.bn2 = norm(9), norm(8)

    def forward(self, x):
        x = torch.relu(self.bn1(self.fc1(x)))
        return self.fc3(torch.relu(self.bn2(self.fc2(x))))


# Exported by PyTorch.
plain = Plain([3, 16, 12, 1])
export("plain_old", plain, 3, "old", opset_version=13)
export("plain_new", plain, 3, "new")
export("external", plain, 3, "new", external_data=True)
save_file(plain.state_dict(), path("plain.safetensors"))
export("leaky_old", Plain([2, 9, 9, 2], lambda: nn.LeakyReLU(0.125)), 2, "old")
export("unbiased_old", Plain([3, 8, 8, 1], bias=False), 3, "old", do_constant_folding=False)
export("unbiased_new", Plain([3, 8, 8, 1], bias=False), 3, "new")
deep = DeepSDF(3, 14)
export("deepsdf_old", deep, 3, "old")
export("deepsdf_new", deep, 3, "new")
export("residual_old", Residual(), 3, "old")
export("residual_new", Residual(), 3, "new")
normed = nn.Sequential(
    nn.Linear(3, 9), norm(9), nn.ReLU(), nn.Linear(9, 9, bias=False), nn.ReLU(), norm(9, affine=False),
    nn.Dropout(0.2), nn.Linear(9, 1))
export("norm_old", normed, 3, "old")
export("norm_new", normed, 3, "new")

# state_dicts.


def save(name, module, inputs, wanted=None):
    module.eval()
    save_file({k: v.contiguous() for k, v in module.state_dict().items()}, path(name + ".safetensors"))
    points = torch.rand(20, inputs, dtype=torch.float64) * 2 - 1
    keep(name, points.numpy(), module.double()(points).detach().numpy())


old_norm = torch.nn.utils.weight_norm
new_norm = torch.nn.utils.parametrizations.weight_norm
save("deepsdf", DeepSDF(7, 18, old_norm, tanh=False), 7)
save("deepsdf_parametrized", DeepSDF(7, 18, new_norm, tanh=False), 7)
save("igr", DeepSDF(3, 14, scale=float(np.sqrt(0.5)), tanh=False), 3)
save("occupancy", Occupancy(), 3)
save("norm", normed, 3)
save("norm_named", Named(), 3)


# Made by onnx.helper, in float64.


def array(*shape):
    return rng.normal(0, 0.7, shape)


def build(name, nodes, inputs, constants, outputs, shape=("batch",), element=TensorProto.DOUBLE, raw=True):
    tensors = []
    for key, value in constants.items():
        value = np.asarray(value)
        if raw:
            tensors.append(numpy_helper.from_array(value, key))
        else:
            kind = {"d": TensorProto.DOUBLE, "f": TensorProto.FLOAT, "l": TensorProto.INT64}[value.dtype.char]
            tensors.append(helper.make_tensor(key, kind, value.shape, value.flatten().tolist()))
    graph = helper.make_graph(
        nodes, name,
        [helper.make_tensor_value_info("x", element, [*shape, inputs])],
        [helper.make_tensor_value_info(o, element, None) for o in outputs], tensors)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=9)
    onnx.save(model, path(name + ".onnx"))


def node(kind, inputs, output, **attributes):
    outputs = [output] if isinstance(output, str) else output
    return helper.make_node(kind, inputs, outputs, name=f"{kind}_{outputs[0]}", **attributes)


for name, raw in [("gemm_forms", True), ("gemm_forms_lists", False)]:
    build(
        name,
        [
            node("Gemm", ["x", "w0", "b0"], "a", alpha=0.5, beta=2.0), node("Relu", ["a"], "b"),
            node("Gemm", ["b", "w1", "c1"], "c", transB=1), node("PRelu", ["c", "slopes"], "d"),
            node("Gemm", ["d", "w2"], "y"),
        ],
        3, dict(w0=array(3, 8), b0=array(8), w1=array(6, 8), c1=array(1, 6), slopes=array(6), w2=array(6, 2)),
        ["y"], raw=raw)
    run(name, 3, np.float64)

build(
    "arithmetic",
    [
        node("Transpose", ["w0"], "w0t"), node("MatMul", ["x", "w0t"], "a"), node("Add", ["b0", "a"], "b"),
        node("Relu", ["b"], "c"), node("Mul", ["c", "m"], "d"), node("Div", ["d", "q"], "e"),
        node("Sub", ["s", "e"], "f"), node("LeakyRelu", ["f"], "g", alpha=0.25), node("Neg", ["g"], "h"),
        node("Sum", ["h", "c", "b0"], "i"), node("Abs", ["i"], "j"), node("Sub", ["j", "e"], "k"),
        node("Max", ["k", "c", "half"], "l"), node("Min", ["l", "d"], "m1"), node("Clip", ["m1", "low", "high"], "n"),
        node("Clip", ["n", "", "high2"], "n2"), node("Add", ["n2", "a"], "o"), node("MatMul", ["o", "w1"], "y"),
    ],
    3, dict(w0=array(8, 3), b0=array(8), m=array(1, 8), q=np.float64(1.5), s=array(8), half=np.float64(0.5),
            low=np.float64(-0.75), high=np.float64(1.25), high2=np.float64(0.9), w1=array(8)), ["y"])
run("arithmetic", 3, np.float64)

build(
    "shapes",
    [
        node("Constant", [], "axis", value=numpy_helper.from_array(np.array([1]))),
        node("Split", ["x", "sizes"], ["p", "q"], axis=1), node("Slice", ["x", "one", "four", "axis"], "r"),
        node("Gather", ["x", "picked"], "s", axis=-1), node("Gather", ["x", "last"], "t", axis=1),
        node("Unsqueeze", ["t", "axis"], "u"), node("Identity", ["u"], "u2"), node("Dropout", ["u2"], "u3"),
        node("Concat", ["s", "p", "u3", "r", "q"], "v", axis=1), node("Flatten", ["v"], "v2"),
        node("Reshape", ["v2", "shape"], "v3"), node("Gemm", ["v3", "w0", "b0"], "a"), node("Relu", ["a"], "b"),
        node("Concat", ["b", "v3"], "c", axis=-1), node("MatMul", ["c", "w1"], "d"), node("Relu", ["d"], "e"),
        node("MatMul", ["e", "w2"], "f"), node("Squeeze", ["f", "axis"], "g"), node("Tanh", ["g"], "h"),
        node("Cast", ["e"], "second", to=TensorProto.DOUBLE), node("Identity", ["g"], "y"),
    ],
    4, dict(sizes=np.array([1, 3]), one=np.array([1]), four=np.array([1000]), picked=np.array([2, 0]),
            last=np.array(-1), shape=np.array([-1, 10]), w0=array(10, 6), b0=array(6), w1=array(16, 5),
            w2=array(5, 1)), ["y", "second"])
run("shapes", 4, np.float64)

# A point without a batch.
build("single", [node("MatMul", ["x", "w0"], "a"), node("Relu", ["a"], "b"), node("MatMul", ["b", "w1"], "y")],
      3, dict(w0=array(3, 5), w1=array(5, 1)), ["y"], shape=())
points = rng.uniform(-1, 1, (5, 3))
session = onnxruntime.InferenceSession(path("single.onnx"), providers=["CPUExecutionProvider"])
keep("single", points, np.stack([session.run(None, {"x": p})[0] for p in points]))

# Refused.
weights = dict(w=array(3, 3))
build("refused_sin", [node("Sin", ["x"], "a"), node("MatMul", ["a", "w"], "y")], 3, weights, ["y"])
build("refused_product", [node("MatMul", ["x", "w"], "a"), node("Mul", ["a", "x"], "y")], 3, weights, ["y"])
build("refused_tanh", [node("Tanh", ["x"], "a"), node("MatMul", ["a", "w"], "y")], 3, weights, ["y"])
build("refused_missing", [node("MatMul", ["x", "nowhere"], "y")], 3, {}, ["y"])
build("refused_width", [node("MatMul", ["x", "w"], "y")], "features", weights, ["y"])
build("refused_batch_axis", [node("Concat", ["x", "x"], "y", axis=0)], 3, {}, ["y"])
graph = helper.make_graph(
    [node("Concat", ["code", "x"], "y", axis=1)], "two",
    [helper.make_tensor_value_info(n, TensorProto.FLOAT, ["batch", 3]) for n in ["code", "x"]],
    [helper.make_tensor_value_info("y", TensorProto.FLOAT, None)])
onnx.save(helper.make_model(graph), path("refused_two_inputs.onnx"))


# Latent codes that are constants of the graph, repeated for each point.


class Code(nn.Module):
    def __init__(self, repeats):
        super().__init__()
        self.repeats = repeats
        self.latent = nn.Parameter(torch.randn(4))
        self.first, self.last = nn.Linear(7, 9), nn.Linear(9 + 7, 1)

    def forward(self, x):
        code = self.latent[None].repeat(x.shape[0], 1) if self.repeats else self.latent.expand(x.shape[0], -1)
        whole = torch.cat([code, x], -1)
        values = self.last(torch.cat([torch.relu(self.first(whole)), whole], -1))
        return values[:, 0] if self.repeats else values.squeeze(-1)


for kind in ["old", "new"]:
    export(f"code_expanded_{kind}", Code(False), 3, kind)
    export(f"code_repeated_{kind}", Code(True), 3, kind)
export("weight_norm_old", DeepSDF(3, 10, torch.nn.utils.weight_norm, tanh=False), 3, "old")
export("code_fixed_old", Code(False), 3, "old", dynamic_axes={})
export("code_fixed_new", Code(True), 3, "new", dynamic_shapes=None)

save_arrays(values, path("values.safetensors"))
