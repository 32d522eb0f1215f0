"""Without Spark its modules cannot be imported, nor their examples be run."""

from importlib.util import find_spec

if find_spec("pyspark") is None or find_spec("sqlglot") is None:
    collect_ignore_glob = ["*.py"]
