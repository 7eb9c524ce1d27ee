"""Loads a file of DAGs as Airflow does and runs each with a stand-in for spark-submit.

check_airflow.py FILE.py FOLDER

The stand-in records its arguments, and ends with the exit codes that the test sets.
"""

import logging
import os
import pathlib
import stat
import subprocess
import sys

file, folder = pathlib.Path(sys.argv[1]).resolve(), pathlib.Path(sys.argv[2]).resolve()
folder.mkdir(parents=True)
calls = folder / "calls"
submit = folder / "spark-submit"
submit.write_text(
    f"""#!/bin/sh
echo "$@" >>{calls}
code=$(sed -n "$(wc -l <{calls})p" {folder}/codes)
exit "${{code:-0}}"
"""
)
submit.chmod(submit.stat().st_mode | stat.S_IXUSR)
os.environ.update(
    AIRFLOW_HOME=str(folder / "home"),
    AIRFLOW__CORE__LOAD_EXAMPLES="False",
    AIRFLOW__CORE__UNIT_TEST_MODE="False",
    AIRFLOW__LOGGING__LOGGING_LEVEL="ERROR",
    AIRFLOW_CONN_SPARK_DEFAULT="spark://local",
    PATH=f"{folder}:{os.environ['PATH']}",
)
subprocess.run([sys.executable, "-m", "airflow", "db", "migrate"], check=True, capture_output=True)

from airflow.models import DagBag  # noqa: E402  (it reads the environment)

logging.disable(logging.CRITICAL)  # of tasks that are to fail
bag = DagBag(dag_folder=str(file), include_examples=False)
if bag.import_errors:
    sys.exit(f"Airflow cannot import it: {bag.import_errors}")


def run(name, codes, expected, state):
    """Runs a DAG in which spark-submit ends with `codes`; `expected` are the commands, in order."""
    calls.write_text("")
    (folder / "codes").write_text("\n".join(map(str, codes)) + "\n")
    run = bag.get_dag(name).test()
    lines = calls.read_text().splitlines()
    jar = bag.get_dag(name).tasks[0].application
    commands = [line.split(jar + " ", 1)[1].split(" ", 1)[0] for line in lines]
    if commands != expected or run.state != state:
        sys.exit(f"{name} with exit codes {codes} ran {commands} and ended {run.state}, "
                 f"but {expected} and {state} were expected")
    return lines


lines = run("pointwise_nightly", [0, 0, 0], ["reduce", "verify", "evaluate"], "success")
if "--append" not in lines[0] or "--add-modules=jdk.incubator.vector" not in lines[0]:
    sys.exit(f"the nightly reduction is submitted as: {lines[0]}")
if "--images s3a://features/reduced.zarr.pointwise/new-images.txt" not in lines[2]:
    sys.exit(f"the nightly evaluation is submitted as: {lines[2]}")
run("pointwise_nightly", [0, 4], ["reduce", "verify"], "failed")
run("pointwise_nightly", [0, 0, 5], ["reduce", "verify", "evaluate"], "failed")
run("pointwise_refit", [0, 0], ["fit", "reduce"], "success")
for name in ("pointwise_nightly", "pointwise_refit"):
    for task in bag.get_dag(name).tasks:
        again = 3 if (name, task.task_id) == ("pointwise_nightly", "reduce") else 0
        if task.retries != again:
            sys.exit(f"{name}.{task.task_id} is retried {task.retries} times, not {again}")
print(f"Airflow: {', '.join(sorted(bag.dag_ids))} are imported and run")
