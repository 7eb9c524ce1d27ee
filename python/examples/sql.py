"""Queries a feature store, and the same store reduced, in SQL."""

import tempfile

import numpy as np
import zarr

import pointwise

spark = pointwise.session()
spark.sparkContext.setLogLevel("ERROR")
folder = tempfile.mkdtemp()

# 6 images of 24 x 24 pixels whose 64 channels vary in 5 directions.
rng = np.random.default_rng(7)
features = rng.normal(size=(6, 24, 24, 5)) @ rng.normal(size=(5, 64)) + 0.1 * rng.normal(size=(6, 24, 24, 64))
store = zarr.open(folder + "/features.zarr", mode="w", shape=features.shape, chunks=(1, 12, 12, 64), dtype="f4")
store[:] = features

spark.sql("CREATE TABLE pixels USING pointwise OPTIONS (path '%s/features.zarr', axes 'n,y,x,c')" % folder)
means = spark.sql("SELECT n, avg(features[0]) AS mean FROM pixels WHERE y < 8 GROUP BY n ORDER BY n")
means.show()
np.testing.assert_allclose([row.mean for row in means.collect()], features[:, :8, :, 0].mean((1, 2)), atol=1e-5)

# The reduced array is a table with the same n, y and x.
pointwise.fit(spark, folder + "/features.zarr", folder + "/pca.safetensors", axes="n,y,x,c", channels=5)
pointwise.reduce(spark, folder + "/features.zarr", folder + "/small.zarr", weights=folder + "/pca.safetensors", axes="n,y,x,c")
spark.sql("CREATE TEMPORARY VIEW reduced USING pointwise OPTIONS (path '%s/small.zarr/features')" % folder)

# Distances of pixels to that in the corner of their image, before and after.
distances = spark.sql(
    """
    SELECT corr(before, after) AS correlation, count(*) AS pixels FROM (
      SELECT sqrt(aggregate(zip_with(p.features, c.features, (a, b) -> (a - b) * (a - b)), 0D, (s, v) -> s + v)) AS before,
             sqrt(aggregate(zip_with(r.features, d.features, (a, b) -> (a - b) * (a - b)), 0D, (s, v) -> s + v)) AS after
      FROM pixels p JOIN reduced r USING (n, y, x)
      JOIN (SELECT n, features FROM pixels WHERE y = 0 AND x = 0) c USING (n)
      JOIN (SELECT n, features FROM reduced WHERE y = 0 AND x = 0) d USING (n))
    """
)
distances.show()
row = distances.first()
assert row.pixels == 6 * 24 * 24 and row.correlation > 0.99
spark.sql("DROP TABLE pixels")
spark.stop()
