"""Reduces a table of embeddings and compares the nearest neighbours before and after."""

import pyspark.sql.functions as f

import pointwise
from pointwise.ml import PCA

spark = pointwise.session()
spark.sparkContext.setLogLevel("ERROR")

# 2,000 embeddings of 128 channels that vary in few directions, as real ones do.
embeddings = (
    spark.range(2000)
    .selectExpr("id", "transform(sequence(1, 6), d -> sin(id * sqrt(d + 1))) AS hidden")
    .selectExpr(
        "id",
        """transform(sequence(1, 128), c -> float(
             aggregate(transform(sequence(1, 6), d -> hidden[d - 1] * cos(c * d)), 0D, (s, v) -> s + v)
             + 0.05 * sin(id * c))) AS embedding""",
    )
    .cache()
)

pca = PCA(k=8, inputCol="embedding", outputCol="reduced")
model = pca.fit(embeddings)
print("8 of 128 channels keep %.1f %% of the variance" % (100 * sum(model.explainedVariance)))
reduced = model.transform(embeddings)


def neighbours(column):
    """The nearest other row of each of 20 rows, by Euclidean distance."""
    asked = reduced.filter("id < 20").select(f.col("id").alias("asked"), f.col(column).alias("q"))
    distance = f.expr("aggregate(zip_with(q, %s, (a, b) -> (a - b) * (a - b)), 0D, (s, v) -> s + v)" % column)
    return (
        asked.crossJoin(reduced)
        .filter("id <> asked")
        .select("asked", "id", distance.alias("distance"))
        .groupBy("asked")
        .agg(f.min_by("id", "distance").alias("nearest"))
    )


same = neighbours("embedding").intersect(neighbours("reduced")).count()
print("%d of 20 rows have the same nearest neighbour" % same)
if same < 15:
    raise SystemExit("The reduced embeddings lost their neighbours")
spark.stop()
