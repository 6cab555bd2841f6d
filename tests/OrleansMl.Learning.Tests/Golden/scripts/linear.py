"""Writes ../answers/linear.json: what scikit-learn 1.2.1 finds for the linear models of linear_lbfgs.

ORLEANSML_DATA names the folder of the data sets. Newton's method and cholesky stand for the minimum itself: scikit-learn's lbfgs
stops some digits earlier, so of it the value of what is minimised is written.
"""
import csv, gzip, json, os, sys
import numpy as np
from sklearn.linear_model import LogisticRegression, Ridge

data = os.environ["ORLEANSML_DATA"]
ADULT_NUMBERS = [0, 2, 4, 10, 11, 12]


def adult():
    with gzip.open(f"{data}/adult-census/adult-train.csv.gz", "rt") as file:
        rows = [[cell.strip() for cell in row] for row in csv.reader(file) if len(row) == 15]
    columns = []
    for place in range(14):
        cells = [row[place] for row in rows]
        if place in ADULT_NUMBERS:
            numbers = np.array(cells, float)
            columns.append((numbers - numbers.mean()) / numbers.std())
        else:
            columns += [np.array([cell == category for cell in cells], float) for category in sorted(set(cells))]
    return np.stack(columns, 1), np.array([row[14].startswith(">50K") for row in rows], int)


def objective(x, y, model, l2, weights):
    """The minimised sum, and the largest derivative of its mean by a weight."""
    classes = len(model.classes_)
    p = model.predict_proba(x)
    value = -np.sum(weights * np.log(p[np.arange(len(y)), y])) + 0.5 * l2 * np.sum(model.coef_ ** 2)
    r = weights[:, None] * (p - np.eye(classes)[y])
    r = r[:, 1:] if classes == 2 else r
    return value, max(np.abs(r.T @ x + l2 * model.coef_).max(), np.abs(r.sum(0)).max()) / weights.sum()


def logistic(x, y, l2, class_weight=None):
    options = dict(C=1 / l2, class_weight=class_weight, max_iter=10_000)
    counts = np.bincount(y)
    weights = (len(y) / (len(counts) * counts))[y] if class_weight else np.ones(len(y))
    exact = LogisticRegression(solver="newton-cholesky" if len(counts) == 2 else "newton-cg", tol=1e-10, **options).fit(x, y)
    usual = LogisticRegression(solver="lbfgs", tol=1e-8, **options).fit(x, y)
    (value, derivative), (usual_value, usual_derivative) = (objective(x, y, model, l2, weights) for model in (exact, usual))
    print(value, derivative, usual_value, usual_derivative, file=sys.stderr)
    assert derivative < 1e-8
    return {"coefficients": exact.coef_.ravel().tolist(), "constants": exact.intercept_.tolist(), "objective": value, "lbfgs_objective": usual_value}


x, y = adult()
answers = {"adult": {"l2_1": logistic(x, y, 1.0), "l2_10_balanced": logistic(x, y, 10.0, "balanced")}}

rows = np.loadtxt(f"{data}/optdigits/optdigits-train.csv", delimiter=",")
answers["optdigits"] = {"l2_1": logistic(rows[:, :64] / 16, rows[:, 64].astype(int), 1.0)}

with open(f"{data}/bike-sharing/hour_train.csv") as file:
    rows = list(csv.DictReader(file))
names = ["season", "yr", "mnth", "hr", "holiday", "weekday", "workingday", "weathersit", "temp", "atemp", "hum", "windspeed"]
x, y = np.array([[float(row[name]) for name in names] for row in rows]), np.array([float(row["cnt"]) for row in rows])
weights = 1.0 + np.arange(len(y)) % 3
answers["bike"] = {}
for name, alpha, sample in [("l2_1", 1.0, None), ("l2_1000_weighted", 1000.0, weights)]:
    ridge = Ridge(alpha=alpha, solver="cholesky").fit(x, y, sample_weight=sample)
    answers["bike"][name] = {"coefficients": ridge.coef_.tolist(), "constants": [ridge.intercept_], "squared_error": float(np.mean((ridge.predict(x) - y) ** 2))}

with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "answers", "linear.json"), "w") as file:
    json.dump(answers, file, indent=1)
    file.write("\n")
