"""The sentence encoder as an ONNX graph, built once from the published weights.

The graph is BERT as in the MiniLM paper (post-layer-norm), each layer's output averaged over the
real tokens. The last layer's average at unit length is the published sentence embedding
(`1_Pooling/config.json`); the averages of LAYERS side by side tell topics apart better, since the
last layer alone was trained to forget what does not matter for search (docs/decisions/0003).
It is written out by hand so that the product needs no PyTorch.
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper
from safetensors.numpy import load_file

OPSET = 17  # first with LayerNormalization
LAYERS = (4, 6)  # counted from 1; what the topic expert sees


class _Graph:
    """Collects nodes and weights; every method returns the name of its output."""

    def __init__(self, weights: dict[str, np.ndarray]) -> None:
        self.weights = weights
        self.nodes: list[onnx.NodeProto] = []
        self.constants: dict[str, np.ndarray] = {}

    def const(self, name: str, value: np.ndarray) -> str:
        self.constants.setdefault(name, value)
        return name

    def op(self, kind: str, *inputs: str, **attributes: object) -> str:
        output = f"{kind.lower()}_{len(self.nodes)}"
        self.nodes.append(helper.make_node(kind, list(inputs), [output], **attributes))
        return output

    def weight(self, name: str) -> str:
        return self.const(name, self.weights[name])

    def linear(self, x: str, prefix: str) -> str:
        kernel = self.const(f"{prefix}.weight_t", np.ascontiguousarray(self.weights[f"{prefix}.weight"].T))
        return self.op("Add", self.op("MatMul", x, kernel), self.weight(f"{prefix}.bias"))

    def layer_norm(self, x: str, prefix: str, epsilon: float) -> str:
        return self.op(
            "LayerNormalization",
            x,
            self.weight(f"{prefix}.weight"),
            self.weight(f"{prefix}.bias"),
            axis=-1,
            epsilon=epsilon,
        )

    def gelu(self, x: str) -> str:
        half = self.const("half", np.array(0.5, np.float32))
        one = self.const("one", np.array(1.0, np.float32))
        root = self.const("inv_sqrt2", np.array(1 / np.sqrt(2), np.float32))
        cdf = self.op("Add", self.op("Erf", self.op("Mul", x, root)), one)
        return self.op("Mul", self.op("Mul", x, half), cdf)


def _attention(g: _Graph, x: str, mask: str, layer: str, heads: int, hidden: int) -> str:
    size = hidden // heads
    split = g.const("split_heads", np.array([0, 0, heads, size], np.int64))
    join = g.const("join_heads", np.array([0, 0, hidden], np.int64))
    scale = g.const("scale", np.array(1 / np.sqrt(size), np.float32))

    def project(part: str, perm: list[int]) -> str:
        flat = g.linear(x, f"{layer}.attention.self.{part}")
        return g.op("Transpose", g.op("Reshape", flat, split), perm=perm)

    query, key = project("query", [0, 2, 1, 3]), project("key", [0, 2, 3, 1])
    value = project("value", [0, 2, 1, 3])
    scores = g.op("Mul", g.op("MatMul", query, key), scale)
    weights = g.op("Softmax", g.op("Add", scores, mask), axis=-1)
    context = g.op("Transpose", g.op("MatMul", weights, value), perm=[0, 2, 1, 3])
    return g.linear(g.op("Reshape", context, join), f"{layer}.attention.output.dense")


def _embeddings(g: _Graph, epsilon: float) -> str:
    words = g.op("Gather", g.weight("embeddings.word_embeddings.weight"), "input_ids")
    length = g.op("Gather", g.op("Shape", "input_ids"), g.const("axis_1", np.array(1, np.int64)))
    positions = g.op("Range", g.const("zero", np.array(0, np.int64)), length, g.const("step", np.array(1, np.int64)))
    places = g.op("Gather", g.weight("embeddings.position_embeddings.weight"), positions)
    kind = g.const("token_type_0", g.weights["embeddings.token_type_embeddings.weight"][0])
    return g.layer_norm(g.op("Add", g.op("Add", words, places), kind), "embeddings.LayerNorm", epsilon)


def _pool(g: _Graph, x: str, mask: str) -> str:
    last = g.const("last_axis", np.array([2], np.int64))
    axis = g.const("token_axis", np.array([1], np.int64))
    weights = g.op("Unsqueeze", mask, last)
    total = g.op("ReduceSum", g.op("Mul", x, weights), axis, keepdims=0)
    return g.op("Div", total, g.op("ReduceSum", weights, axis, keepdims=0))


def _unit(g: _Graph, mean: str) -> str:
    norm = g.op("ReduceL2", mean, axes=[1], keepdims=1)
    return g.op("Div", mean, g.op("Max", norm, g.const("tiny", np.array(1e-12, np.float32))))


def read_weights(path: Path) -> dict[str, np.ndarray]:
    """Weights by their published names, float32. Matrices may stand as int8 rows with a scale each."""
    stored = load_file(path)
    weights = {}
    for name, value in stored.items():
        if name.endswith(".int8"):
            plain = name.removesuffix(".int8")
            weights[plain] = value.astype(np.float32) * stored[f"{plain}.scale"]
        elif not name.endswith(".scale"):
            weights[name] = value.astype(np.float32) if value.dtype.kind == "f" else value
    return weights


def build_onnx(config_path: Path, weights_path: Path, target: Path) -> None:
    """Write the ONNX graph of the encoder with this config.json and these weights to `target`.

    Graph: inputs `input_ids` and `attention_mask`, int64 [batch, tokens]; outputs `embedding`,
    float32 [batch, hidden] of unit length, and `features`, float32 [batch, hidden * len(LAYERS)].
    """
    config = json.loads(config_path.read_text(encoding="utf-8"))
    weights = read_weights(weights_path)
    hidden, heads, epsilon = config["hidden_size"], config["num_attention_heads"], config["layer_norm_eps"]
    g = _Graph(weights)
    mask = g.op("Cast", "attention_mask", to=TensorProto.FLOAT)
    away = g.op("Sub", mask, g.const("one", np.array(1.0, np.float32)))
    far = g.op("Mul", away, g.const("far", np.array(1e9, np.float32)))  # 0 for tokens, -1e9 for padding
    bias = g.op("Unsqueeze", far, g.const("head_and_query", np.array([1, 2], np.int64)))
    x, means = _embeddings(g, epsilon), []
    for number in range(config["num_hidden_layers"]):
        layer = f"encoder.layer.{number}"
        attended = _attention(g, x, bias, layer, heads, hidden)
        x = g.layer_norm(g.op("Add", x, attended), f"{layer}.attention.output.LayerNorm", epsilon)
        inner = g.gelu(g.linear(x, f"{layer}.intermediate.dense"))
        x = g.layer_norm(g.op("Add", x, g.linear(inner, f"{layer}.output.dense")), f"{layer}.output.LayerNorm", epsilon)
        if number + 1 in LAYERS:
            means.append(_pool(g, x, mask))
    g.nodes.append(helper.make_node("Concat", means, ["features"], axis=1))
    g.nodes.append(helper.make_node("Identity", [_unit(g, _pool(g, x, mask))], ["embedding"]))
    graph = helper.make_graph(
        g.nodes,
        "sentence-encoder",
        [
            helper.make_tensor_value_info(name, TensorProto.INT64, ["batch", "tokens"])
            for name in ("input_ids", "attention_mask")
        ],
        [
            helper.make_tensor_value_info("embedding", TensorProto.FLOAT, ["batch", hidden]),
            helper.make_tensor_value_info("features", TensorProto.FLOAT, ["batch", hidden * len(means)]),
        ],
        [numpy_helper.from_array(value, name) for name, value in g.constants.items()],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=8)
    onnx.checker.check_model(model)
    target.parent.mkdir(parents=True, exist_ok=True)
    partial = target.with_suffix(".partial")
    onnx.save(model, str(partial))
    partial.replace(target)
