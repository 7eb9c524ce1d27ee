"""Compares layers that Pointwise fitted with those of NumPy (float64) and scikit-learn.

usage: compare_fit.py FEATURES LABELS MASK FOLDER

FEATURES and LABELS are Zarr arrays with axes n,c,y,x and n,y,x; MASK is an .npy of n,y,x that is 1
where a pixel was held out; FOLDER holds pca1, pca4, pca16, pca64 and lda, each .safetensors.
Prints one JSON object.
"""

import json
import sys

import numpy as np
import zarr
from sklearn.decomposition import PCA
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler


def safetensors(path):
    with open(path, "rb") as file:
        raw = file.read()
    length = int.from_bytes(raw[:8], "little")
    header = json.loads(raw[8 : 8 + length])
    facts = header.pop("__metadata__")
    tensors = {}
    for name, entry in header.items():
        begin, end = (8 + length + at for at in entry["data_offsets"])
        tensors[name] = np.frombuffer(raw[begin:end], "<f4").reshape(entry["shape"])
    return tensors, facts


def figures(predicted, labels):
    ious = []
    for label in np.unique(labels):
        both = np.sum((predicted == label) & (labels == label))
        ious.append(both / np.sum((predicted == label) | (labels == label)))
    return {"accuracy": float(np.mean(predicted == labels)), "meanIou": float(np.mean(ious))}


features = zarr.open(sys.argv[1], mode="r")[:].transpose(0, 2, 3, 1)
labels = zarr.open(sys.argv[2], mode="r")[:].astype(int)
held_out = np.load(sys.argv[3]).astype(bool)
train, test = features[~held_out].astype(np.float64), features[held_out].astype(np.float64)
train_labels, test_labels = labels[~held_out], labels[held_out]

covariance = np.cov(train.T, bias=True)
values, vectors = np.linalg.eigh(covariance)
values, vectors = values[::-1], vectors[:, ::-1]
found = {"pca": [], "pixels": len(train)}
for channels in (1, 4, 16, 64):
    tensors, facts = safetensors("%s/pca%d.safetensors" % (sys.argv[4], channels))
    rows = tensors["weight"].reshape(channels, -1).astype(np.float64)
    basis, _ = np.linalg.qr(rows.T)
    outside = basis - vectors[:, :channels] @ (vectors[:, :channels].T @ basis)
    by_sklearn = PCA(channels, svd_solver="full").fit(train)
    found["pca"].append(
        {
            "channels": channels,
            "pixels": int(facts["pixels"]),
            "explainedVariance": float(facts["explainedVariance"]),
            "numpy": float(values[:channels].sum() / values.sum()),
            "sklearn": float(by_sklearn.explained_variance_ratio_.sum()),
            "largestAngle": float(np.arcsin(min(1, np.linalg.norm(outside, 2)))),
            "outputOfMean": float(
                np.abs(rows @ train.mean(0) + tensors["bias"].astype(np.float64)).max()
            ),
        }
    )

lda = LinearDiscriminantAnalysis().fit(train, train_labels)
found["lda"] = figures(lda.predict(test), test_labels)
weight = safetensors(sys.argv[4] + "/lda.safetensors")[0]["weight"].reshape(-1, 1)
theirs, ours = lda.transform(test), test @ weight
found["lda"]["correlation"] = float(abs(np.corrcoef(ours[:, 0], theirs[:, 0])[0, 1]))
# The same rule on our channel, so that the channels alone differ.
rule = LinearDiscriminantAnalysis().fit(train @ weight, train_labels)
found["ldaOfOurs"] = figures(rule.predict(ours), test_labels)

score = make_pipeline(StandardScaler(), LogisticRegression(max_iter=1000)).fit(train, train_labels)
found["score"] = figures(score.predict(test), test_labels)
print(json.dumps(found))
