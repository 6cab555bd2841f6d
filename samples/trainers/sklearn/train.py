"""Gradient-boosted trees of scikit-learn, written as ONNX by skl2onnx.

Reads train.csv, validation.csv, schema.json and params.json; writes model.onnx and metrics.json (docs/training.md).
params: iterations (100), learningRate (0.1), leaves (31), l2 (0.0).
"""
import json

import numpy
from skl2onnx import to_onnx
from skl2onnx.common.data_types import FloatTensorType
from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor
from sklearn.metrics import log_loss, mean_squared_error

DEFAULTS = {"iterations": 100, "learningRate": 0.1, "leaves": 31, "l2": 0.0}


def read(path, width):
    table = numpy.genfromtxt(path, delimiter=",", skip_header=1, ndmin=2, dtype=numpy.float64)
    if table.size == 0:
        return None
    return table[:, :width].astype(numpy.float32), table[:, width], table[:, width + 1] if table.shape[1] > width + 1 else None


def main():
    schema = json.load(open("schema.json", encoding="utf-8"))
    given = json.load(open("params.json", encoding="utf-8"))
    unknown = set(given) - set(DEFAULTS)
    if unknown:
        raise SystemExit(f"unknown params: {', '.join(sorted(unknown))} (available: {', '.join(sorted(DEFAULTS))})")
    params = DEFAULTS | given
    width, classes = len(schema["columns"]), len(schema["target"]["classes"])

    # A header may hold a comma in quotes; the numbers below it never do.
    x, y, weights = read("train.csv", width)
    kind = HistGradientBoostingClassifier if classes else HistGradientBoostingRegressor
    model = kind(
        max_iter=int(params["iterations"]),
        learning_rate=params["learningRate"],
        max_leaf_nodes=int(params["leaves"]),
        l2_regularization=params["l2"],
        early_stopping=False,
        random_state=schema["seed"] % 2**32,
    )
    model.fit(x, y.astype(numpy.int64) if classes else y, sample_weight=weights)
    print("OML_PROGRESS 0.8")

    # Without ZipMap: probabilities as one tensor [N, C].
    graph = to_onnx(
        model,
        initial_types=[("input", FloatTensorType([None, width]))],
        options={id(model): {"zipmap": False}} if classes else None,
        target_opset={"": 15, "ai.onnx.ml": 3},
    )
    with open("model.onnx", "wb") as file:
        file.write(graph.SerializeToString())

    metrics = {}
    later = read("validation.csv", width)
    if later is not None:
        x, y, weights = later
        if classes:
            metrics["log_loss"] = log_loss(y, model.predict_proba(x), labels=list(range(classes)), sample_weight=weights)
        else:
            metrics["mse"] = mean_squared_error(y, model.predict(x), sample_weight=weights)
    json.dump({"metrics": metrics}, open("metrics.json", "w", encoding="utf-8"))


if __name__ == "__main__":
    main()
