"""An ONNX graph of PP-OCRv6 as a torch module: only the operators these two networks use, fused where torch has one
kernel.

Identities vanish, biases and batch norms go into their convolutions, and GELU, SiLU, layer norm and linear layers are
recognised by their parts: in eager mode every operator left over would read and write the whole activation once more.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import Any, NoReturn

import numpy as np
import onnx
import torch
from onnx import numpy_helper
from torch import fx, nn
from torch.nn import functional as F

from gpu_worker.ocr.errors import EngineUnavailable
from gpu_worker.ocr.networks.convolutions import convolution
from gpu_worker.ocr.networks.weights import load_model


def load_graph(path: Path, drop_last: bool = False) -> tuple[nn.Module, dict[str, str]]:
    """Convert the network in `path`; returns it with the file's metadata.

    The module takes gray N×1×H×W (-1..1) where the original takes three equal channels. `drop_last` leaves out the
    last operator (the recogniser's softmax). Raises `EngineUnavailable` on an operator that PP-OCRv6 does not use.
    """
    model = load_model(path)
    module = _Converter(model.graph).convert(drop_last)
    return module.eval(), {entry.key: entry.value for entry in model.metadata_props}


class _Converter:
    """Walks the graph once, in its order, emitting one fx node per operator that remains."""

    def __init__(self, graph: onnx.GraphProto) -> None:
        self._constants = {i.name: numpy_helper.to_array(i) for i in graph.initializer}
        self._alias: dict[str, str] = {}
        self._nodes = [node for node in graph.node if not self._resolve_identity(node)]
        self._consumers: dict[str, list[onnx.NodeProto]] = defaultdict(list)
        for node in self._nodes:
            for name in self._inputs(node):
                self._consumers[name].append(node)
        self._input, self._output = graph.input[0].name, graph.output[0].name
        self._root = nn.Module()
        self._fx = fx.Graph()
        self._values: dict[str, fx.Node] = {}
        self._done: set[str] = set()  # outputs of operators that went into another one
        self._shapes: set[str] = set()
        self._first_convolution = True

    def convert(self, drop_last: bool) -> fx.GraphModule:
        self._values[self._input] = self._fx.placeholder("x")
        last = self._nodes[-1]
        for node in self._nodes[:-1] if drop_last else self._nodes:
            if node.output[0] not in self._done and not self._is_shape(node):
                getattr(self, f"_{node.op_type}", self._unknown)(node)
        self._fx.output(self._values[self._inputs(last)[0] if drop_last else last.output[0]])
        return fx.GraphModule(self._root, self._fx)

    # --- reading the graph ---------------------------------------------------------------------------------------

    def _resolve_identity(self, node: onnx.NodeProto) -> bool:
        if node.op_type != "Identity":
            return False
        source = self._alias.get(node.input[0], node.input[0])
        if source in self._constants:
            self._constants[node.output[0]] = self._constants[source]
        else:
            self._alias[node.output[0]] = source
        return True

    def _inputs(self, node: onnx.NodeProto) -> list[str]:
        return [self._alias.get(name, name) for name in node.input]

    def _constant(self, name: str) -> np.ndarray | None:
        return self._constants.get(name)

    def _only_consumer(self, name: str, op_type: str) -> onnx.NodeProto | None:
        users = self._consumers[name]
        return users[0] if len(users) == 1 and users[0].op_type == op_type else None

    def _other_input(self, node: onnx.NodeProto, name: str) -> str:
        return next((other for other in self._inputs(node) if other != name), name)

    def _is_shape(self, node: onnx.NodeProto) -> bool:
        """Shape arithmetic: torch knows its shapes."""
        is_shape = node.op_type == "Shape" or all(n in self._shapes or n in self._constants for n in self._inputs(node))
        if is_shape:
            self._shapes.add(node.output[0])
        return is_shape

    def _put(self, node: onnx.NodeProto, value: fx.Node) -> None:
        self._values[node.output[0]] = value

    def _module(self, module: nn.Module, x: fx.Node) -> fx.Node:
        name = f"m{len(list(self._root.children()))}"
        self._root.add_module(name, module)
        return self._fx.call_module(name, (x,))

    def _method(self, name: str, node: onnx.NodeProto, *args: Any) -> None:
        self._put(node, self._fx.call_method(name, (self._values[self._inputs(node)[0]], *args)))

    def _function(self, function: Callable[..., Any], node: onnx.NodeProto, **options: Any) -> None:
        self._put(node, self._fx.call_function(function, tuple(self._values[n] for n in self._inputs(node)), options))

    def _unknown(self, node: onnx.NodeProto) -> NoReturn:
        raise EngineUnavailable(
            f"The torch engine does not know the operator {node.op_type}: install the pinned rapidocr."
        )

    # --- operators -----------------------------------------------------------------------------------------------

    def _Conv(self, node: onnx.NodeProto) -> None:  # noqa: N802
        x, weight = self._values[self._inputs(node)[0]], self._constants[self._inputs(node)[1]]
        attributes = _attributes(node)
        if self._first_convolution:  # three equal channels are one, with the weights summed
            weight, self._first_convolution = weight.sum(axis=1, keepdims=True), False
        end, weight, bias = self._fold(node, weight)
        top, left, bottom, right = _pads(attributes)
        if (top, left) != (bottom, right):
            x = self._fx.call_function(F.pad, (x, (left, right, top, bottom)))
            top = left = 0
        groups = attributes.get("group", 1)
        channels = weight.shape[1] * groups, weight.shape[0]
        strides = tuple(attributes.get("strides", (1, 1)))
        layer = convolution(channels, weight.shape[2:], strides, (top, left), groups, bias=bias is not None)
        _fill(layer, weight, bias)
        self._put(end, self._module(layer, x))

    def _ConvTranspose(self, node: onnx.NodeProto) -> None:  # noqa: N802
        weight = self._constants[self._inputs(node)[1]]
        end, bias = self._bias_of(node)
        layer = nn.ConvTranspose2d(weight.shape[0], weight.shape[1], 2, 2, bias=bias is not None)
        _fill(layer, weight, bias)
        self._put(end, self._module(layer, self._values[self._inputs(node)[0]]))

    def _fold(self, node: onnx.NodeProto, weight: np.ndarray) -> tuple[onnx.NodeProto, np.ndarray, np.ndarray | None]:
        norm = self._only_consumer(node.output[0], "BatchNormalization")
        if norm is None:
            return (*self._split(self._bias_of(node), weight),)
        gamma, beta, mean, variance = (self._constants[n].astype(np.float64) for n in self._inputs(norm)[1:])
        factor = gamma / np.sqrt(variance + _attributes(norm)["epsilon"])
        self._done.add(norm.output[0])
        return norm, weight * factor.reshape(-1, 1, 1, 1), beta - mean * factor

    @staticmethod
    def _split(
        end_and_bias: tuple[onnx.NodeProto, np.ndarray | None], weight: np.ndarray
    ) -> tuple[onnx.NodeProto, np.ndarray, np.ndarray | None]:
        end, bias = end_and_bias
        return end, weight, bias

    def _bias_of(self, node: onnx.NodeProto) -> tuple[onnx.NodeProto, np.ndarray | None]:
        """The addition of a constant right behind `node`, and that constant."""
        add = self._only_consumer(node.output[0], "Add")
        bias = self._constant(self._other_input(add, node.output[0])) if add else None
        if add is None or bias is None:
            return node, None
        self._done.add(add.output[0])
        return add, bias.reshape(-1)

    def _MatMul(self, node: onnx.NodeProto) -> None:  # noqa: N802
        weight = self._constant(self._inputs(node)[1])
        if weight is None:
            return self._function(torch.matmul, node)
        end, bias = self._bias_of(node)
        inputs, outputs = weight.shape
        layer = nn.Linear(inputs, outputs, bias=bias is not None)
        _fill(layer, weight.T, bias)
        return self._put(end, self._module(layer, self._values[self._inputs(node)[0]]))

    def _Div(self, node: onnx.NodeProto) -> None:  # noqa: N802 - GELU: x/√2 → erf → +1 → ·x → ·½
        x = self._inputs(node)[0]
        chain = self._chain(node, "Erf", "Add", "Mul", "Mul")
        self._done.update(link.output[0] for link in chain)
        self._put(chain[-1], self._fx.call_function(F.gelu, (self._values[x],)))

    def _chain(self, node: onnx.NodeProto, *op_types: str) -> list[onnx.NodeProto]:
        links = [node]
        for op_type in op_types:
            link = self._only_consumer(links[-1].output[0], op_type)
            if link is None:
                self._unknown(node)
            links.append(link)
        return links

    def _ReduceMean(self, node: onnx.NodeProto) -> None:  # noqa: N802
        attributes = _attributes(node)
        if attributes["axes"] == [2, 3]:
            return self._method("mean", node, (2, 3), True)
        return self._layer_norm(node)

    def _layer_norm(self, mean: onnx.NodeProto) -> None:
        """x-µ → square → mean → +ε → √ → divide → ·γ → +β."""
        x = self._inputs(mean)[0]
        (centred,) = self._chain(mean, "Sub")[1:]
        square = next(n for n in self._consumers[centred.output[0]] if n.op_type == "Pow")
        chain = self._chain(square, "ReduceMean", "Add", "Sqrt", "Div", "Mul", "Add")
        epsilon = float(self._constants[self._other_input(chain[2], chain[1].output[0])])
        gamma = self._constants[self._other_input(chain[5], chain[4].output[0])]
        beta = self._constants[self._other_input(chain[6], chain[5].output[0])]
        self._done.update(link.output[0] for link in (mean, centred, *chain))
        layer = nn.LayerNorm(gamma.size, epsilon)
        _fill(layer, gamma, beta)
        self._put(chain[-1], self._module(layer, self._values[x]))

    def _Sigmoid(self, node: onnx.NodeProto) -> None:  # noqa: N802
        x = self._inputs(node)[0]
        product = self._only_consumer(node.output[0], "Mul")
        if product is None or self._other_input(product, node.output[0]) != x:
            return self._function(torch.sigmoid, node)
        self._done.add(product.output[0])
        return self._put(product, self._fx.call_function(F.silu, (self._values[x],)))

    def _HardSigmoid(self, node: onnx.NodeProto) -> None:  # noqa: N802
        alpha = _attributes(node)["alpha"]
        x = self._values[self._inputs(node)[0]]
        if abs(alpha - 1 / 6) > 1e-4:  # torch's own has a slope of 1/6
            x = self._fx.call_function(torch.mul, (x, alpha * 6))
        self._put(node, self._fx.call_function(F.hardsigmoid, (x,)))

    def _Add(self, node: onnx.NodeProto) -> None:  # noqa: N802
        self._binary(node, torch.add, neutral=0.0)

    def _Mul(self, node: onnx.NodeProto) -> None:  # noqa: N802
        self._binary(node, torch.mul, neutral=1.0)

    def _binary(self, node: onnx.NodeProto, function: Callable[..., Any], neutral: float) -> None:
        left, right = self._inputs(node)
        constant = self._constant(right)
        if constant is None:
            return self._function(function, node)
        if constant.size != 1:
            self._unknown(node)
        if float(constant.reshape(())) == neutral:
            return self._put(node, self._values[left])
        return self._put(node, self._fx.call_function(function, (self._values[left], float(constant.reshape(())))))

    def _Relu(self, node: onnx.NodeProto) -> None:  # noqa: N802
        self._function(F.relu, node)

    def _Concat(self, node: onnx.NodeProto) -> None:  # noqa: N802
        parts = [self._values[n] for n in self._inputs(node)]
        self._put(node, self._fx.call_function(torch.cat, (parts, _attributes(node)["axis"])))

    def _GlobalAveragePool(self, node: onnx.NodeProto) -> None:  # noqa: N802
        self._method("mean", node, (2, 3), True)

    def _MaxPool(self, node: onnx.NodeProto) -> None:  # noqa: N802 - 2×2, stride 1, after a ReLU: a zero rim changes nothing
        x = self._fx.call_function(F.pad, (self._values[self._inputs(node)[0]], (0, 1, 0, 1)))
        self._put(node, self._fx.call_function(F.max_pool2d, (x, 2, 1)))

    def _AveragePool(self, node: onnx.NodeProto) -> None:  # noqa: N802
        attributes = _attributes(node)
        sizes = tuple(attributes["kernel_shape"]), tuple(attributes["strides"])
        self._put(node, self._fx.call_function(F.avg_pool2d, (self._values[self._inputs(node)[0]], *sizes)))

    def _Resize(self, node: onnx.NodeProto) -> None:  # noqa: N802 - nearest, by a whole factor
        factor = float(self._constants[self._inputs(node)[2]][2])
        x = self._values[self._inputs(node)[0]]
        self._put(node, self._fx.call_function(F.interpolate, (x,), {"scale_factor": factor, "mode": "nearest"}))

    def _Transpose(self, node: onnx.NodeProto) -> None:  # noqa: N802
        self._method("permute", node, _attributes(node)["perm"])

    def _Reshape(self, node: onnx.NodeProto) -> None:  # noqa: N802
        shape = self._constant(self._inputs(node)[1])
        if shape is None:  # N×C×1×W → N×C×W on the way in, N×W×C → N×1×W×C on the way out
            on_the_way_out = self._only_consumer(node.output[0], "Transpose") and self._is_normed(node)
            return self._method("unsqueeze", node, 1) if on_the_way_out else self._method("flatten", node, 2)
        kept = [int(side) for side in shape[2:]]
        return self._method("unflatten", node, -1, kept) if len(shape) == 5 else self._method("flatten", node, 2)

    def _is_normed(self, node: onnx.NodeProto) -> bool:
        value = self._values[self._inputs(node)[0]]
        return value.op == "call_module" and isinstance(self._root.get_submodule(str(value.target)), nn.LayerNorm)

    def _Slice(self, node: onnx.NodeProto) -> None:  # noqa: N802
        start, end, axis = (
            int(self._constants[n].reshape(())) if self._constants[n].ndim == 0 else int(self._constants[n][0])
            for n in self._inputs(node)[1:4]
        )
        self._method("narrow", node, axis, start, end - start)

    def _Squeeze(self, node: onnx.NodeProto) -> None:  # noqa: N802
        self._method("squeeze", node, _attributes(node)["axes"][0])

    def _Softmax(self, node: onnx.NodeProto) -> None:  # noqa: N802
        self._method("softmax", node, _attributes(node)["axis"])


def _attributes(node: onnx.NodeProto) -> dict[str, Any]:
    return {a.name: onnx.helper.get_attribute_value(a) for a in node.attribute}


def _pads(attributes: dict[str, Any]) -> tuple[int, int, int, int]:
    """Top, left, bottom, right; `SAME_UPPER` with a 2×2 kernel and stride 1 is one row and column at the end."""
    if attributes.get("auto_pad") == b"SAME_UPPER":
        return 0, 0, 1, 1
    top, left, bottom, right = attributes.get("pads", (0, 0, 0, 0))
    return top, left, bottom, right


def _fill(
    layer: nn.Linear | nn.LayerNorm | nn.modules.conv._ConvNd, weight: np.ndarray, bias: np.ndarray | None
) -> None:
    with torch.no_grad():
        layer.weight.copy_(torch.from_numpy(np.array(weight, np.float32)))
        if bias is not None and layer.bias is not None:
            layer.bias.copy_(torch.from_numpy(np.array(bias, np.float32)))
    layer.requires_grad_(False)
