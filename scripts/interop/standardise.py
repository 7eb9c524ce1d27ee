"""The other side of RealRankTest: judges layers of real features by StandardScaler and PCA.

Imports nothing of Pointwise. Reads one JSON object a line and answers with one line each:

  {"features": ZARR, "rows": H, "columns": W, "weights": FILE, "whiten": bool, "standardise": bool}
      compares a layer that was fitted on the upper left H×W pixels of the first image of an array
      n,c,y,x with scikit-learn's of these pixels; answers with what is wrong and the rank
"""


import numpy as np
import zarr
from differential_learning_checks import Wrong, kept, ranks, read_layer, Sums
from peer import serve
from sklearn.decomposition import PCA
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler


def check(features, rows, columns, weights, whiten, standardise):
    wrong = Wrong()
    array = zarr.open_array(features, mode="r")
    x = array[0, :, :rows, :columns].reshape(array.shape[1], -1).T.astype(np.float64)
    layer, facts = read_layer(weights)
    decoder, _ = read_layer(weights, "decoder")
    k, sums = len(layer.w), Sums(x)
    scaler = StandardScaler() if standardise else FunctionTransformer()
    whole = make_pipeline(scaler, PCA(k, svd_solver="full", whiten=whiten)).fit(x)
    low, high = ranks(x)
    wrong.unless(low <= int(facts["rank"]) <= high, "rank %s, not %d … %d", facts["rank"], low, high)
    theirs = whole.transform(x)
    if whiten:  # which divides by n − 1
        theirs *= np.sqrt(len(x) / (len(x) - 1))
    error = np.linalg.norm(layer(x) - theirs, axis=0) / np.linalg.norm(theirs, axis=0)
    wrong.close("outputs", error, 0, 1e-3)
    ours, theirs = decoder(layer(x)), whole.inverse_transform(whole.transform(x))
    wrong.close("reconstruction", np.linalg.norm(ours - theirs) / np.linalg.norm(x), 0, 1e-4)
    ratio = whole[-1].explained_variance_ratio_.sum()
    wrong.close("explainedVariance", float(facts["explainedVariance"]), ratio, 1e-5)
    if standardise:
        own = float(facts["explainedVarianceUnscaled"])
        wrong.close("explainedVarianceUnscaled", own, kept(layer, decoder, sums), 1e-5)
        still = np.ptp(x, axis=0) == 0
        wrong.unless(not layer.w[:, still].any(), "a constant channel has a weight")
        wrong.equal("scale of constant channels", set(whole[0].scale_[still]) | {1.0}, {1.0})
    return {"wrong": wrong, "rank": high, "pixels": len(x), "channels": x.shape[1]}


serve(lambda request: check(**request))
