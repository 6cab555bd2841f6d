"""Writes ../answers/multivariate.json: what scikit-learn 1.2.1 finds for the stages kmeans and pca.

ORLEANSML_DATA names the folder of the data sets.
"""
import csv, json, os
import numpy as np
from sklearn.cluster import KMeans
from sklearn.decomposition import PCA

data = os.environ["ORLEANSML_DATA"]
digits = np.loadtxt(f"{data}/optdigits/optdigits-train.csv", delimiter=",")[:, :64] / 16
with open(f"{data}/bike-sharing/hour_train.csv") as file:
    weather = np.array([[float(row[name]) for name in ("temp", "hum", "windspeed")] for row in csv.DictReader(file)])

# From the first ten digits: the same path, so the same end.
given = KMeans(n_clusters=10, init=digits[:10], n_init=1, tol=0, max_iter=300, algorithm="lloyd").fit(digits)
best = KMeans(n_clusters=3, n_init=20, tol=0, random_state=0).fit(weather)
pca = PCA().fit(digits)
share = PCA(n_components=0.9, svd_solver="full").fit(digits)
signs = np.sign(share.components_[np.arange(share.n_components_), np.abs(share.components_).argmax(1)])

answers = {
    "kmeans": {
        "digits": {"centres": given.cluster_centers_.tolist(), "inertia": given.inertia_, "distances": given.transform(digits[-3:]).tolist()},
        "weather": {"centres": sorted(best.cluster_centers_.tolist()), "inertia": best.inertia_},
    },
    "pca": {
        "variances": pca.explained_variance_.tolist(),
        "total": float(digits.var(0, ddof=1).sum()),
        "components": (share.components_ * signs[:, None]).tolist(),
        "projected": (share.transform(digits[-3:]) * signs).tolist(),
    },
}
with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "answers", "multivariate.json"), "w") as file:
    json.dump(answers, file, indent=1)
    file.write("\n")
