"""Starting Spark: on this machine or on a cluster, with the settings that equal figures need."""

from __future__ import annotations

import os
import shutil
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from typing import Any

from pipelines.errors import SparkMissing

DEFAULT_MASTER = "local[*]"
#: Dates and their parts must not depend on a machine's time zone; an overflow or a wrong cast is an error, not a NULL.
_SETTINGS = {
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.ansi.enabled": "true",
    "spark.sql.parquet.datetimeRebaseModeInRead": "CORRECTED",
    "spark.sql.parquet.datetimeRebaseModeInWrite": "CORRECTED",
    "spark.sql.execution.arrow.maxRecordsPerBatch": "100000",
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
}
_LOCAL = {"spark.driver.bindAddress": "127.0.0.1", "spark.driver.host": "127.0.0.1"}
#: Tasks of a shuffle for each core of this machine; a cluster keeps Spark's own number, which it adapts.
_TASKS_A_CORE = 2


def check_installed() -> None:
    """Raises SparkMissing where the packages of Spark or Java are not there."""
    if find_spec("pyspark") is None or find_spec("sqlglot") is None:
        raise SparkMissing("spark_missing")
    if shutil.which("java") is None and not os.environ.get("JAVA_HOME"):
        raise SparkMissing("java_missing")


@contextmanager
def spark_session(master: str, memory_mb: int) -> Iterator[Any]:
    """A Spark session that ends with the block. Raises SparkMissing where it does not start."""
    private = os.umask(0o077)
    # Spark's remark on pandas is about data frames of pandas, of which none are made here.
    warnings.filterwarnings(
        "ignore", message="PySpark does not yet fully support pandas", category=FutureWarning
    )
    from pyspark.errors import PySparkException
    from pyspark.sql import SparkSession

    settings = _SETTINGS | {"spark.driver.memory": f"{memory_mb}m"}
    if master.startswith("local"):
        os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
        tasks = _TASKS_A_CORE * (os.cpu_count() or 1)
        settings |= _LOCAL | {"spark.sql.shuffle.partitions": str(tasks)}
    builder = SparkSession.builder.master(master).appName("Takuuvahti")
    for name, value in settings.items():
        builder = builder.config(name, value)
    try:
        session = builder.getOrCreate()
    except (PySparkException, RuntimeError) as error:
        raise SparkMissing("spark_not_started", master=master) from error
    session.sparkContext.setLogLevel("ERROR")
    try:
        yield session
    finally:
        session.stop()
        os.umask(private)
