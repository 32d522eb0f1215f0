"""Small tables that Spark gets from this program, and types."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pyarrow as pa
from pyspark.sql import SparkSession

from pipelines.errors import NotPortable

#: DuckDB's types in Spark and in Arrow. A UUID is its text.
_TYPES = {
    "VARCHAR": ("STRING", pa.string()),
    "UUID": ("STRING", pa.string()),
    "DATE": ("DATE", pa.date32()),
    "BOOLEAN": ("BOOLEAN", pa.bool_()),
    "INTEGER": ("INT", pa.int32()),
    "BIGINT": ("BIGINT", pa.int64()),
    "DOUBLE": ("DOUBLE", pa.float64()),
}


def spark_type(kind: str) -> str:
    """Spark's name of a type of DuckDB. Raises NotPortable.

    >>> spark_type("UUID")
    'STRING'
    """
    if kind not in _TYPES:
        raise NotPortable("not_portable", what=kind, where="spark_type")
    return _TYPES[kind][0]


def make_view(
    spark: SparkSession, name: str, columns: Mapping[str, str], rows: Sequence[Sequence[object]]
) -> None:
    """Make a small table that queries of Spark can name; `columns` have DuckDB's types. Raises NotPortable."""
    schema = ", ".join(f"`{column}` {spark_type(kind)}" for column, kind in columns.items())
    names = list(columns)
    arrays = [
        pa.array([row[at] for row in rows], _TYPES[columns[column]][1]) for at, column in enumerate(names)
    ]
    table = pa.Table.from_arrays(arrays, names=names)
    spark.createDataFrame(table, schema).createOrReplaceTempView(name)
