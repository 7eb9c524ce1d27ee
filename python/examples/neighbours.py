"""Reduces a Parquet table of embeddings and compares the nearest neighbours before and after."""

import tempfile

import pyspark.sql.functions as f

import pointwise

spark = pointwise.session()
spark.sparkContext.setLogLevel("ERROR")
folder = tempfile.mkdtemp()
table, small, layer = folder + "/embeddings.parquet", folder + "/reduced.parquet", folder + "/pca.safetensors"

# 2,000 embeddings of 128 channels that vary in few directions, as real ones do.
(
    spark.range(2000)
    .selectExpr("id", "transform(sequence(1, 6), d -> sin(id * sqrt(d + 1))) AS hidden")
    .selectExpr(
        "id",
        """transform(sequence(1, 128), c -> float(
             aggregate(transform(sequence(1, 6), d -> hidden[d - 1] * cos(c * d)), 0D, (s, v) -> s + v)
             + 0.05 * sin(id * c))) AS embedding""",
    )
    .write.parquet(table)
)

# The reduced table has the other columns and the order of the rows.
report = pointwise.fit(spark, table, layer, column="embedding", channels=8)
print("8 of 128 channels keep %.1f %% of the variance" % (100 * float(report["layer"]["explainedVariance"])))
report = pointwise.reduce(spark, table, small, column="embedding", weights=layer)
print("Reduced %d embeddings" % report["pixels"])


def neighbours(path):
    """The nearest other row of each of 20 rows, by Euclidean distance."""
    rows = spark.read.parquet(path).cache()
    asked = rows.filter("id < 20").select(f.col("id").alias("asked"), f.col("embedding").alias("q"))
    distance = f.expr("aggregate(zip_with(q, embedding, (a, b) -> (a - b) * (a - b)), 0D, (s, v) -> s + v)")
    return (
        asked.crossJoin(rows)
        .filter("id <> asked")
        .select("asked", "id", distance.alias("distance"))
        .groupBy("asked")
        .agg(f.min_by("id", "distance").alias("nearest"))
    )


same = neighbours(table).intersect(neighbours(small)).count()
print("%d of 20 rows have the same nearest neighbour" % same)
assert report["pixels"] == 2000 and same >= 15
spark.stop()
