"""The archive as Spark reads it: the rows of all loads of a dataset, and which of them survive."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from pyspark.sql import DataFrame, SparkSession

from indicators.catalogue.datasets import Dataset
from pipelines.spark.portable import SEGMENT_YEAR, translate
from pipelines.spark.tables import make_view, spark_type
from pipelines.warehouse.archive import GONE, SET_ASIDE, archive_path
from pipelines.warehouse.records import LoadRecord
from pipelines.warehouse.segments import year_of
from pipelines.warehouse.surviving_rows import load_tables, set_aside_sql, superseded_sql, surviving_sql


def surviving_frame(
    spark: SparkSession, folder: Path, dataset: Dataset, records: Sequence[LoadRecord]
) -> DataFrame:
    """The surviving rows of a dataset with the year of their segment; `records` are the active loads with a part of it."""
    paths = [archive_path(folder, record.load_id, dataset.name) for record in records]
    archive = f"archive_{dataset.name}"
    _archived_rows(spark, dataset, paths).createOrReplaceTempView(archive)
    for table in load_tables(dataset, records, [path.name for path in paths]):
        make_view(spark, table.name, table.columns, table.rows)
    aside = spark.sql(translate(set_aside_sql(dataset, archive)).sql)
    aside.createOrReplaceTempView(f"keys_set_aside_{dataset.name}")
    superseded = superseded_sql(dataset, records, archive, any_aside=not aside.isEmpty())
    query = f"SELECT *, {year_of(dataset)} AS {SEGMENT_YEAR} FROM ({surviving_sql(dataset, superseded)})"
    return spark.sql(translate(query).sql)


def _archived_rows(spark: SparkSession, dataset: Dataset, paths: Sequence[Path]) -> DataFrame:
    """The rows of archive files with the file's name and their place in it; what a file of an earlier version lacks is NULL."""
    columns = {**dataset.base, GONE: "BOOLEAN", SET_ASIDE: "BOOLEAN"}
    schema = ", ".join(f"`{name}` {spark_type(kind)}" for name, kind in columns.items())
    read = spark.read.schema(schema).parquet(*(path.resolve().as_uri() for path in paths))
    return read.selectExpr(
        *(f"`{name}`" for name in columns if name != SET_ASIDE),
        f"coalesce({SET_ASIDE}, false) AS {SET_ASIDE}",
        "_metadata.file_name AS filename",
        "_metadata.row_index AS file_row_number",
    )
