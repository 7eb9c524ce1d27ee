"""Airflow 2: append, verify, and measure what the layer keeps of new images; refit by hand.

Needs apache-airflow-providers-apache-spark and a connection spark_default. A task that ends with
exit code 4 or 143 is retried: the same command continues where it stopped. Where evaluate fails
(exit code 5: below its gate), trigger pointwise_refit: it fits a new layer and reduces to a new
output, since an output is of one layer from its first image to its last.
"""

from datetime import datetime, timedelta

from airflow import DAG
from airflow.providers.apache.spark.operators.spark_submit import SparkSubmitOperator

JAR = "/opt/pointwise/pointwise.jar"
INPUT = "s3a://features/store.zarr/embeddings"
OUTPUT = "s3a://features/reduced.zarr"
WEIGHTS = "s3a://models/reduce.safetensors"
NEW = "{{ ds_nodash }}"
VECTOR = "--add-modules=jdk.incubator.vector"


def pointwise(name, *arguments, **options):
    return SparkSubmitOperator(
        task_id=name,
        application=JAR,
        java_class="org.pointwise.cli.Main",
        application_args=list(arguments),
        conf={
            "spark.driver.extraJavaOptions": VECTOR,
            "spark.executor.extraJavaOptions": VECTOR,
            "spark.executor.memory": "4g",
            "spark.task.maxFailures": "8",
        },
        **options,
    )


with DAG(
    "pointwise_nightly",
    schedule="30 2 * * *",
    start_date=datetime(2026, 1, 1),
    catchup=False,
    max_active_runs=1,
    default_args={"retries": 3, "retry_delay": timedelta(minutes=5)},
) as dag:
    reduce = pointwise("reduce", "reduce", INPUT, OUTPUT, "--weights", WEIGHTS, "--append", "--quiet")
    verify = pointwise("verify", "verify", OUTPUT, "--runner", "spark", "--quiet", retries=0)
    evaluate = pointwise(
        "evaluate",
        "evaluate",
        INPUT,
        "--weights",
        WEIGHTS,
        "--images",
        OUTPUT + ".pointwise/new-images.txt",  # those that the latest append added
        "--fail-below-variance",
        "0.8",
        "--overwrite",
        retries=0,
    )
    reduce >> verify >> evaluate

with DAG("pointwise_refit", schedule=None, start_date=datetime(2026, 1, 1), catchup=False):
    weights = f"s3a://models/reduce-{NEW}.safetensors"
    fit = pointwise("fit", "fit", INPUT, weights, "--channels", "64", "--align", WEIGHTS, "--test-size", "0.2")
    again = pointwise("reduce", "reduce", INPUT, f"s3a://features/reduced-{NEW}.zarr", "--weights", weights, "--append")
    fit >> again
