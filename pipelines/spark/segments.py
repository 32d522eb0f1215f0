"""The segments of a version whose rows and summaries Spark works out, and DuckDB writes.

Spark writes Parquet by dataset and year into a folder of the warehouse; the last step sorts each year into the file that the
dashboard reads, as ever. Units, codes and facts of the version are made by `pipelines.warehouse.build`, of small tables.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from uuid import uuid4

import duckdb
from py4j.protocol import Py4JError, Py4JJavaError
from pyspark.errors import PySparkException
from pyspark.sql import DataFrame, SparkSession

from indicators.catalogue.datasets import DATASETS, Dataset
from indicators.catalogue.summaries import DERIVED, KEY, Overview, Summary
from pipelines.errors import WarehouseError
from pipelines.settings import Settings
from pipelines.spark.archive_frame import surviving_frame
from pipelines.spark.hashes import with_hashes
from pipelines.spark.portable import SEGMENT_YEAR, translate
from pipelines.spark.session import spark_session
from pipelines.spark.tables import make_view
from pipelines.warehouse.published_rows import (
    COUNTING,
    counted_sql,
    counting_rows,
    holdings_query,
    means_sql,
    placed_sql,
    published_types,
)
from pipelines.warehouse.records import LoadRecord
from pipelines.warehouse.segment_rows import RowOrigin, SegmentRows
from pipelines.warehouse.segments import Segment, year_of
from pipelines.warehouse.sql import few_valued, insert_new, quoted_path, typed_columns
from pipelines.warehouse.swap_version import private_folder
from pipelines.warehouse.tables import all_tables, typed
from pipelines.warehouse.write_segments import UNIT_COLUMNS, Segments, units_sql

#: The folder of a warehouse that Spark writes into; it goes when the version is published.
WORK = "spark"
#: How Spark names the folder of rows without a year.
_NO_YEAR = "__HIVE_DEFAULT_PARTITION__"
#: The columns of the meanings of a domain's codes, for Spark all text, days and truths.
_MEANS = {
    **typed("source code our", valid_from="DATE", valid_to="DATE"),
    **typed("area mode", client_contact="BOOLEAN"),
}


@contextmanager
def rows_by_spark(
    settings: Settings, master: str
) -> Iterator[Callable[[duckdb.DuckDBPyConnection, Path, bool], Segments]]:
    """What `build` makes segments with, on Spark, for as long as the block lasts.

    Raises SparkMissing where Spark is not installed or does not start, NotPortable for a query that it would not answer
    alike, WarehouseError where it breaks off; the version before then stays in force.
    """
    # A folder of its own: another build may wait for this one, and begin before what this one wrote is gone.
    work = settings.warehouse / WORK / uuid4().hex
    with spark_session(master, settings.memory_limit_mb) as spark, _failures_named():
        try:
            yield partial(SparkSegments, spark=spark, work=work)
        finally:
            shutil.rmtree(work, ignore_errors=True)
            with suppress(OSError):
                work.parent.rmdir()


@contextmanager
def _failures_named() -> Iterator[None]:
    """What Spark raises as one sentence: with the kind of the failure alone, for its message may have values of rows."""
    try:
        yield
    except PySparkException as error:
        raise WarehouseError("spark_failed", reason=error.getCondition() or type(error).__name__) from error
    except Py4JJavaError as error:
        raise WarehouseError("spark_failed", reason=error.java_exception.getClass().getName()) from error
    except Py4JError as error:
        raise WarehouseError("spark_failed", reason=type(error).__name__) from error


class SparkSegments(Segments):
    """The segments of a version that is folded from the archive by Spark."""

    def __init__(
        self,
        connection: duckdb.DuckDBPyConnection,
        folder: Path,
        eves_are_weekdays: bool,
        *,
        spark: SparkSession,
        work: Path,
    ) -> None:
        super().__init__(connection, folder, eves_are_weekdays)
        self._spark, self._work = spark, work
        self._found: dict[tuple[str, int | None], dict[str, set[str]]] = {}
        # One writer at a time comes here: what else is in the folder was left by a build that was killed.
        shutil.rmtree(work.parent, ignore_errors=True)
        private_folder(work.parent)
        private_folder(work)

    def plan(self, dataset: Dataset, records: Sequence[LoadRecord], origin: RowOrigin) -> list[SegmentRows]:
        """Work out which rows survive; return the segments that have some, with their units and values known."""
        if not origin.is_folded(dataset):
            raise ValueError("Spark makes versions of the whole archive alone")
        if not records:
            return []
        rows = surviving_frame(self._spark, self._folder, dataset, records)
        view = self._stored(f"surviving_{dataset.name}", rows, partitioned=False)
        units = self._spark.sql(translate(units_sql(f"SELECT * FROM {view}"), by_segment=True).sql)
        columns = {**UNIT_COLUMNS, "rows": "BIGINT", "year": "INTEGER"}
        found = [tuple(row) for row in units.select(*UNIT_COLUMNS, "rows", SEGMENT_YEAR).toLocalIterator()]
        insert_new(self._connection, f"units_of_{dataset.name}", columns, found)
        names = few_valued(dataset)
        sets = ", ".join(f"collect_set(`{name}`) AS `{name}`" for name in names)
        for row in self._spark.sql(f"SELECT {SEGMENT_YEAR}, {sets} FROM {view} GROUP BY ALL").collect():
            self._found[dataset.name, row[SEGMENT_YEAR]] = {name: set(row[name]) for name in names}
        return [SegmentRows(dataset, year, ()) for name, year in self._found if name == dataset.name]

    def publish(self, planned: Sequence[SegmentRows], old: str | None) -> list[Segment]:
        """Work out the published rows and what is made of them; write their segments and return them all."""
        for dataset in DATASETS.values():
            if any(one.dataset == dataset for one in planned):
                self._work_out(dataset)
        return super().publish(planned, old)

    def _units_query(self, rows: SegmentRows) -> str:
        names = ", ".join((*UNIT_COLUMNS, "rows"))
        year = "NULL" if rows.year is None else rows.year
        return f"SELECT {names} FROM units_of_{rows.dataset.name} WHERE year IS NOT DISTINCT FROM {year}"

    def _values_of(self, rows: SegmentRows) -> dict[str, set[str]]:
        return self._found[rows.place]

    def _make_rows(self, rows: SegmentRows, table: str) -> None:
        dataset = rows.dataset
        types = published_types(self._connection, dataset, self._values_of(rows))
        self._connection.execute(
            f"""CREATE TABLE {table} AS SELECT {typed_columns(types)} FROM {self._parquet(dataset.name, rows.year)}
                ORDER BY {dataset.sort_order}"""
        )

    def _derived_rows(self, one: Summary | Overview, rows: SegmentRows, query: str) -> str:
        """What Spark made of the rows of the segment; nothing of a segment without such rows."""
        if not self._folder_of(one.table, rows.year).is_dir():
            return f"(SELECT * FROM ({query}) LIMIT 0)"
        # Spark has no number without a sign: the bits of a key are the same.
        key = f" REPLACE ({KEY}::BIT::UBIGINT AS {KEY})" if isinstance(one, Summary) else ""
        return f"(SELECT *{key} FROM {self._parquet(one.table, rows.year)})"

    def _work_out(self, dataset: Dataset) -> None:
        """Work out the published rows of a dataset, and the tables made of them, as Parquet by year."""
        texts = dict.fromkeys(("source", "code", "our", "area", "mode"), "VARCHAR")
        for domain in dataset.domains:
            rows = self._connection.execute(means_sql(domain, texts)).fetchall()
            make_view(self._spark, f"means_{domain}", _MEANS, rows)
        kinds = dict.fromkeys(dataset.domains, "VARCHAR")
        placed = self._spark.sql(
            translate(placed_sql(dataset, f"surviving_{dataset.name}", kinds, "VARCHAR")).sql
        )
        placed.createOrReplaceTempView("placed")
        query = "SELECT * FROM placed"
        if (
            len(
                {
                    source
                    for (name, _), values in self._found.items()
                    if name == dataset.name
                    for source in values["source"]
                }
            )
            > 1
        ):
            holdings = self._spark.sql(translate(holdings_query(dataset, "placed")).sql).collect()
            make_view(self._spark, "counting", COUNTING, counting_rows(dataset, holdings))
            query = counted_sql(dataset, "placed")
        published = self._spark.sql(
            translate(f"SELECT *, {year_of(dataset)} AS {SEGMENT_YEAR} FROM ({query})").sql
        )
        view = f"published_{dataset.name}"
        made = {
            one.table: translate(one.sql(self._eves_are_weekdays, view), by_segment=True)
            for one in DERIVED
            if one.dataset == dataset.name
        }
        hashes = {name: written for one in made.values() for name, written in one.hashes.items()}
        hashed = with_hashes(published, hashes, all_tables()[dataset.name])
        stored = self._stored(dataset.name, hashed)
        self._spark.table(stored).createOrReplaceTempView(view)
        for table, one in made.items():
            self._stored(table, self._spark.sql(one.sql))

    def _stored(self, name: str, rows: DataFrame, *, partitioned: bool = True) -> str:
        """Write rows as Parquet, by year of segment where `partitioned`; return the view of what is written."""
        path = (self._work / name).resolve().as_uri()
        writer = rows.write.mode("errorifexists")
        (writer.partitionBy(SEGMENT_YEAR) if partitioned else writer).parquet(path)
        self._spark.read.schema(rows.schema).parquet(path).createOrReplaceTempView(name)
        return name

    def _folder_of(self, name: str, year: int | None) -> Path:
        return self._work / name / f"{SEGMENT_YEAR}={_NO_YEAR if year is None else year}"

    def _parquet(self, name: str, year: int | None) -> str:
        files = self._folder_of(name, year) / "*.parquet"
        return f"read_parquet('{quoted_path(files)}', hive_partitioning = false)"
