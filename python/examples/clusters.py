"""Clusters the pixels of a feature store before and after a reduction from 64 to 8 channels."""

import tempfile

import numpy as np
import pyspark.sql.functions as f
import zarr
from pyspark.ml.clustering import KMeans

import pointwise
from pointwise.ml import PCA, PointwiseModel

spark = pointwise.session()
spark.sparkContext.setLogLevel("ERROR")
folder = tempfile.mkdtemp()

# 6 images of 24 x 24 pixels in squares of 4 kinds of ground; features of a kind are alike.
rng = np.random.default_rng(7)
kinds = rng.integers(4, size=(6, 6, 6)).repeat(4, axis=1).repeat(4, axis=2)
features = rng.normal(size=(4, 64))[kinds] + rng.normal(size=(6, 24, 24, 5)) @ rng.normal(size=(5, 64)) / 2 + rng.normal(size=(6, 24, 24, 64)) / 2
store = zarr.open(folder + "/features.zarr", mode="w", shape=features.shape, chunks=(1, 12, 12, 64), dtype="f4")
store[:] = features

pixels = pointwise.read_features(spark, folder + "/features.zarr", axes=("n", "y", "x", "c"))
model = PCA(k=8, inputCol="features", outputCol="reduced").fit(pixels)
print("8 of 64 channels keep %.1f %% of the variance" % (100 * sum(model.explainedVariance)))
model.save(folder + "/pca")
table = PointwiseModel.load(folder + "/pca").transform(pixels).cache()


def clusters(column):
    """The table with the number of the cluster of each pixel, from the features in a column."""
    name = column + "_cluster"
    return KMeans(k=4, seed=1, initSteps=5, featuresCol=column, predictionCol=name).fit(table).transform(table).select("n", "y", "x", name)


both = clusters("features").join(clusters("reduced"), ["n", "y", "x"])
both.write.parquet(folder + "/clusters.parquet")

# A cluster of the features agrees with that cluster of reduced features in which most of its pixels are.
pairs = spark.read.parquet(folder + "/clusters.parquet").groupBy("features_cluster", "reduced_cluster").count()
agree = pairs.groupBy("features_cluster").agg(f.max("count").alias("most")).agg(f.sum("most")).first()[0]
print("%.1f %% of the pixels are in the same cluster before and after" % (100 * agree / both.count()))
assert agree >= 0.98 * features[..., 0].size
spark.stop()
