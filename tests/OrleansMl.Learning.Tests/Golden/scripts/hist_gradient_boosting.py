#!/usr/bin/env python3
"""Trains scikit-learn's HistGradientBoostingClassifier with the settings that gradient_boosted_trees has by default,
and prints its figures on the test rows as one line of JSON.

    hist_gradient_boosting.py adult  DATA/adult-census
    hist_gradient_boosting.py bank   DATA/bank-marketing FOLD     test: rows FOLD, FOLD + 5, ... from row 0; FOLD 0 to 4
    hist_gradient_boosting.py floats FILE ROWS COLUMNS            float32: rows x columns, then rows labels; no test rows

The figures in BoostedTreesGoldenTests are those of scikit-learn 1.2.1 (Debian's python3-sklearn).
"""
import csv
import gzip
import json
import math
import sys
import time

import numpy as np
import sklearn
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.metrics import log_loss, roc_auc_score


def adult(path):
    def read(name):
        with gzip.open(f"{path}/{name}", "rt") as file:
            return [[field.strip() for field in line.split(",")] for line in file if line.strip()]

    train, test = read("adult-train.csv.gz"), read("adult-test.csv.gz")
    return train, test, {0, 2, 4, 10, 11, 12}, lambda label: label.startswith(">50K"), "?"


def bank(path, fold):
    with open(f"{path}/bank-additional.csv") as file:
        rows = list(csv.reader(file))[1:]
    numbers = {0, 10, 11, 12, 14, 15, 16, 17, 18}
    train = [row for i, row in enumerate(rows) if i % 5 != fold]
    test = [row for i, row in enumerate(rows) if i % 5 == fold]
    return train, test, numbers, lambda label: label == "yes", None


def encode(train, test, numbers, missing):
    """Numbers as they are, texts as codes in sorted order; missing and unseen ones are NaN."""
    width = len(train[0]) - 1
    columns = []
    for column in range(width):
        if column in numbers:
            columns.append([[float(row[column]) for row in part] for part in (train, test)])
            continue
        codes = {text: code for code, text in enumerate(sorted({row[column] for row in train} - {missing}))}
        columns.append([[codes.get(row[column], math.nan) for row in part] for part in (train, test)])
    return [np.array([column[part] for column in columns]).T for part in (0, 1)]


def main():
    name, path = sys.argv[1], sys.argv[2]
    if name == "floats":
        rows, width = int(sys.argv[3]), int(sys.argv[4])
        values = np.fromfile(path, dtype=np.float32)
        x, y = values[: rows * width].reshape(rows, width).astype(np.float64), values[rows * width:].astype(int)
        x_test, y_test, categorical = x[:100_000], y[:100_000], None
    else:
        train, test, numbers, positive, missing = adult(path) if name == "adult" else bank(path, int(sys.argv[3]))
        x, x_test = encode(train, test, numbers, missing)
        y, y_test = ([int(positive(row[-1])) for row in part] for part in (train, test))
        categorical = [column not in numbers for column in range(x.shape[1])]
    model = HistGradientBoostingClassifier(
        max_iter=100, learning_rate=0.1, max_leaf_nodes=31, min_samples_leaf=20, l2_regularization=0, max_bins=255,
        early_stopping=False, categorical_features=categorical, random_state=1)
    wall, cpu = time.perf_counter(), time.process_time()
    model.fit(x, y)
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    scores = model.predict_proba(x_test)[:, 1]
    print(json.dumps({
        "version": sklearn.__version__, "rows": len(x), "tests": len(x_test),
        "auc": roc_auc_score(y_test, scores), "logLoss": log_loss(y_test, scores), "seconds": wall, "cpuSeconds": cpu}))


main()
