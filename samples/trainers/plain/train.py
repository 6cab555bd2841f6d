"""Softmax or linear regression with Python's standard library alone: it shows the contract, and that any language can keep it.

Reads train.csv, validation.csv, schema.json and params.json; writes model.onnx and metrics.json (docs/training.md).
params: epochs (200), learningRate (0.5), l2 (0.0001).
"""
import csv
import json
import math
import random
import struct


def main():
    schema = json.load(open("schema.json", encoding="utf-8"))
    params = json.load(open("params.json", encoding="utf-8"))
    unknown = set(params) - {"epochs", "learningRate", "l2"}
    if unknown:
        raise SystemExit(f"unknown params: {', '.join(sorted(unknown))} (available: epochs, l2, learningRate)")
    width, classes = len(schema["columns"]), len(schema["target"]["classes"])
    rows, targets, weights = read("train.csv", width)
    means, scales = zip(*(mean_and_scale([row[i] for row in rows]) for i in range(width)))
    x = [[0.0 if math.isnan(v) else (v - m) / s for v, m, s in zip(row, means, scales)] for row in rows]
    w, b = fit(x, targets, weights, max(1, classes), classes, params, schema["seed"])

    # The scaling becomes part of the weights: (x − m)/s · w + b = x · (w/s) + (b − Σ m·w/s).
    w = [[value / scales[i] for value in row] for i, row in enumerate(w)]
    b = [b[k] - sum(means[i] * w[i][k] for i in range(width)) for k in range(len(b))]
    with open("model.onnx", "wb") as file:
        file.write(model(w, b, means, width, classes))

    rows, targets, weights = read("validation.csv", width)
    metrics = {"loss": sum(loss(answer(row, w, b, means, classes), y, classes) for row, y in zip(rows, targets)) / len(rows)} if rows else {}
    json.dump({"metrics": metrics}, open("metrics.json", "w", encoding="utf-8"))


def read(path, width):
    """Rows of numbers (an empty cell is missing: NaN), targets, weights."""
    with open(path, encoding="utf-8", newline="") as file:
        lines = list(csv.reader(file))[1:]
    rows = [[float(cell) if cell else math.nan for cell in line[:width]] for line in lines]
    return rows, [float(line[width]) for line in lines], [float(line[width + 1]) if len(line) > width + 1 else 1.0 for line in lines]


def mean_and_scale(values):
    there = [v for v in values if not math.isnan(v)] or [0.0]
    mean = sum(there) / len(there)
    scale = math.sqrt(sum((v - mean) ** 2 for v in there) / len(there))
    return mean, scale if scale > 1e-6 * max(1.0, abs(mean)) else 1.0


def fit(x, targets, weights, outputs, classes, params, seed):
    """Stochastic gradient descent with a falling rate; the rows are shuffled by the seed."""
    draw, epochs = random.Random(seed), int(params.get("epochs", 200))
    rate, l2 = float(params.get("learningRate", 0.5)), float(params.get("l2", 0.0001))
    w, b = [[0.0] * outputs for _ in x[0]], [0.0] * outputs
    order, mean_weight = list(range(len(x))), sum(weights) / len(weights)
    for epoch in range(epochs):
        draw.shuffle(order)
        step = rate / (1 + epoch) / (1 if classes else 10 * len(w) + 10)
        for row in order:
            scores = [b[k] + sum(value * w[i][k] for i, value in enumerate(x[row])) for k in range(outputs)]
            errors = [p - (targets[row] == k) for k, p in enumerate(softmax(scores))] if classes else [scores[0] - targets[row]]
            for k, error in enumerate(errors):
                change = step * error * weights[row] / mean_weight
                b[k] -= change
                for i, value in enumerate(x[row]):
                    w[i][k] -= change * value + step * l2 * w[i][k]
        print(f"OML_PROGRESS {(epoch + 1) / epochs:.4f}")
    return w, b


def softmax(scores):
    most = max(scores)
    powers = [math.exp(score - most) for score in scores]
    return [power / sum(powers) for power in powers]


def answer(row, w, b, means, classes):
    row = [m if math.isnan(v) else v for v, m in zip(row, means)]
    scores = [b[k] + sum(value * w[i][k] for i, value in enumerate(row)) for k in range(len(b))]
    return softmax(scores) if classes else scores


def loss(answers, target, classes):
    return -math.log(max(answers[int(target)], 1e-15)) if classes else (answers[0] - target) ** 2


# ONNX is a protobuf message; these are the few fields that it needs (onnx.proto of github.com/onnx/onnx).

def varint(value):
    out = bytearray()
    while value > 127:
        out.append(value & 127 | 128)
        value >>= 7
    out.append(value)
    return bytes(out)


def number(field, value):
    return varint(field << 3) + varint(value)


def block(field, value):
    data = value.encode() if isinstance(value, str) else value
    return varint(field << 3 | 2) + varint(len(data)) + data


FLOAT, INT64 = 1, 7


def tensor(name, shape, values):
    return b"".join(number(1, size) for size in shape) + number(2, FLOAT) + block(8, name) + block(9, struct.pack(f"<{len(values)}f", *values))


def value_info(name, kind, *shape):
    dims = b"".join(block(1, block(2, size) if isinstance(size, str) else number(1, size)) for size in shape)
    return block(1, name) + block(2, block(1, number(1, kind) + block(2, dims)))


def node(operator, inputs, output, **attributes):
    ints = b"".join(block(5, block(1, key) + number(3, value) + number(20, 2)) for key, value in attributes.items())
    return b"".join(block(1, name) for name in inputs) + block(2, output) + block(4, operator) + ints


def model(w, b, means, width, classes):
    outputs = len(b)
    nodes = [
        node("IsNaN", ["input"], "missing"),
        node("Where", ["missing", "means", "input"], "filled"),
        node("MatMul", ["filled", "weights"], "product"),
        node("Add", ["product", "bias"], "scores" if classes else "variable"),
    ]
    if classes:
        nodes += [node("Softmax", ["scores"], "probabilities", axis=1), node("ArgMax", ["probabilities"], "label", axis=1, keepdims=0)]
        answers = [value_info("label", INT64, "N"), value_info("probabilities", FLOAT, "N", classes)]
    else:
        answers = [value_info("variable", FLOAT, "N", 1)]
    graph = b"".join(block(1, one) for one in nodes) + block(2, "plain")
    graph += block(5, tensor("means", [1, width], means))
    graph += block(5, tensor("weights", [width, outputs], [value for row in w for value in row]))
    graph += block(5, tensor("bias", [1, outputs], b))
    graph += block(11, value_info("input", FLOAT, "N", width)) + b"".join(block(12, one) for one in answers)
    return number(1, 8) + block(2, "plain") + block(7, graph) + block(8, block(1, "") + number(2, 17))


if __name__ == "__main__":
    main()
