"""A cluster of two workers gives the same tables, also when one of them dies in mid-job."""

from __future__ import annotations

import os
import signal
import subprocess
from pathlib import Path

import sessionkit as sk
from sessionkit.generate import generate
from tests.spark.cluster import HOME, PATIENCE, environment, executors, two_workers, wait_for
from tests.spark.same_tables import assert_same

JOB = """
import sys
from sessionkit.spark import flatten, spark_session

source, output = sys.argv[1:]
flatten(spark_session(), source, output=output, range_bytes=15_000, buckets=4)
"""


def test_an_executor_that_is_killed_changes_nothing(tmp_path: Path) -> None:
    dumps = generate(tmp_path / "made", sessions=400, seed=3, defects=True) / "dumps"
    job, output = tmp_path / "job.py", tmp_path / "out"
    job.write_text(JOB, encoding="utf-8")
    with two_workers(tmp_path) as (master, workers):
        command = [str(HOME / "bin" / "spark-submit"), "--master", master]
        for setting in ("driver.host=127.0.0.1", "executor.memory=512m", "ui.enabled=false"):
            command += ["--conf", f"spark.{setting}"]
        command += [str(job), str(dumps), str(output)]
        with (
            (tmp_path / "job.log").open("wb") as log,
            subprocess.Popen(
                command, stdout=log, stderr=log, env=environment(tmp_path), start_new_session=True
            ) as running,
        ):
            try:
                wait_for("staged rows", lambda: len(list(output.glob(".spark-*/*.staged"))) > 3)
                first, *others = executors(workers)
                assert others
                os.kill(first, signal.SIGKILL)
                status = running.wait(PATIENCE)
            except BaseException:
                os.killpg(running.pid, signal.SIGKILL)
                raise
    told = (tmp_path / "job.log").read_text(encoding="utf-8", errors="replace")
    assert status == 0, told[-3000:]
    assert "Lost executor" in told
    assert_same(output, sk.to_folder(dumps, output=tmp_path / "embedded"))
    assert not list(output.glob(".*"))
