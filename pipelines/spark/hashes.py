"""DuckDB's own hash of rows that Spark has, worked out by DuckDB in Spark's workers.

Cell keys decide the noise of a count, so they must be the same number whichever program counted: a hash that looks alike
would give other figures.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

import duckdb
import pyarrow as pa
import sqlglot
from pyspark.sql import DataFrame
from pyspark.sql.types import LongType, StructField, StructType
from sqlglot import exp

from pipelines.errors import NotPortable

#: The types whose values Spark gives to a worker as DuckDB has them: not a UUID, which is text there.
_AS_IN_DUCKDB = frozenset({"VARCHAR", "DATE", "BOOLEAN", "BIGINT", "DOUBLE"})
Batches = Iterator[pa.RecordBatch]


def with_hashes(rows: DataFrame, hashes: Mapping[str, str], types: Mapping[str, str]) -> DataFrame:
    """Return rows with a further column for each hash, by name the expression of DuckDB, as 64 bits with a sign.

    `types` are DuckDB's of the columns. Raises NotPortable for a hash of another type than text, days, whole numbers,
    numbers and truths; a worker with another DuckDB than the driver's ends the build.
    """
    for written in hashes.values():
        for column in sqlglot.parse_one(written, read="duckdb").find_all(exp.Column):
            if types.get(column.name) not in _AS_IN_DUCKDB:
                raise NotPortable("not_portable", what=f"hash({types.get(column.name)})", where=written)
    if not hashes:
        return rows
    added = [StructField(name, LongType(), False) for name in hashes]
    schema = StructType([*rows.schema.fields, *added])
    return rows.mapInArrow(_hashing(dict(hashes), duckdb.__version__), schema)


def _hashing(hashes: dict[str, str], version: str) -> Callable[[Batches], Batches]:
    """What a worker does to its batches: it needs DuckDB and pyarrow, and nothing of this program."""
    expressions = ", ".join(f'({written})::BIT::BIGINT AS "{name}"' for name, written in hashes.items())

    def add(batches: Batches) -> Batches:
        import duckdb
        import pyarrow as pa

        if duckdb.__version__ != version:
            raise RuntimeError(
                f"DuckDB {duckdb.__version__} in a worker, {version} in the driver: other hashes"
            )
        connection = duckdb.connect(config={"threads": "1"})
        for batch in batches:
            connection.register("batch", batch)
            found = connection.execute(f"SELECT {expressions} FROM batch").fetchnumpy()
            connection.unregister("batch")
            arrays = [pa.array(found[name], pa.int64()) for name in hashes]
            yield pa.RecordBatch.from_arrays([*batch.columns, *arrays], names=[*batch.schema.names, *hashes])

    return add
