"""What may be translated gives the same in both; what may not is refused, and named."""

from __future__ import annotations

import importlib
import re
from collections.abc import Iterator
from types import ModuleType
from typing import Any

import duckdb
import pytest

from indicators.catalogue.due_dates import due_day_sql
from indicators.catalogue.places import ROOT
from indicators.catalogue.queue_flow import queue_flow_sql
from pipelines.errors import NotPortable
from pipelines.spark.session import spark_session


@pytest.fixture(scope="module")
def portable() -> ModuleType:
    """The module, which needs sqlglot: imported where a test needs it."""
    return importlib.import_module("pipelines.spark.portable")


@pytest.fixture(scope="module")
def spark() -> Iterator[Any]:
    with spark_session("local[1]", 600) as session:
        yield session


REFUSED = {
    "SELECT visit_on - assessed_on FROM t": "Sub",
    "SELECT a + b FROM t": "Add",
    "SELECT a / 7 FROM t": "Div",
    "SELECT a % 7 FROM t": "Mod",
    "SELECT a + INTERVAL 3 DAY FROM t": "Interval",
    "SELECT date_diff('month', a, b) FROM t": "DateDiff",
    "SELECT date_trunc('quarter', a)::DATE FROM t": "TimestampTrunc",
    "SELECT date_trunc('week', a) FROM t": "TimestampTrunc",
    "SELECT a::ENUM ('x', 'y') FROM t": "DataType",
    "SELECT a::TIMESTAMP FROM t": "DataType",
    "SELECT * EXCLUDE (a) FROM t": "Star except_",
    "SELECT * REPLACE (b AS a) FROM t": "Star replace",
    "SELECT a FROM t QUALIFY row_number() OVER (ORDER BY a) = 1": "Select qualify",
    "SELECT DISTINCT ON (a) a, b FROM t": "Select distinct",
    "SELECT a FROM t LIMIT 1": "Select limit",
    "SELECT a FROM t ASOF JOIN u ON t.a = u.a AND t.d >= u.d": "Join method",
    "SELECT a FROM t CROSS JOIN u": "Join",
    "SELECT a FROM t FULL JOIN u USING (a)": "Join",
    "SELECT sum(a) OVER (PARTITION BY b) FROM t": "Window",
    "SELECT sum(a) OVER (ORDER BY b ROWS UNBOUNDED PRECEDING) FROM t": "Window spec",
    "SELECT median(a) FROM t": "Median",
    "SELECT regexp_matches(a, 'x') FROM t": "RegexpLike",
    "SELECT md5(a) FROM t": "MD5",
    "SELECT some_function(a) FROM t": "some_function",
    "SELECT lower(a) FROM t": "Lower",
    "SELECT max(a, 3) FROM t": "Max count",
    "SELECT count(*) FILTER (a > 1) FROM t": "Filter",
    "SELECT [a, b] FROM t": "Array",
    # DuckDB takes a NULL in a row for the largest value, Spark for the smallest.
    "SELECT (a, b) > (c, d) FROM t": "Tuple",
    "SELECT a FROM t GROUP BY ROLLUP (a)": "Rollup",
    "SELECT count(DISTINCT a) FROM t": "Distinct",
}


@pytest.mark.parametrize("sql", REFUSED)
def test_what_spark_would_answer_otherwise_is_refused_and_named(sql: str, portable: ModuleType) -> None:
    with pytest.raises(NotPortable) as refused:
        portable.translate(sql)
    assert refused.value.params["what"] == REFUSED[sql]
    assert str(refused.value.params["where"]) in str(refused.value)


def test_the_flow_of_queues_is_refused_and_left_to_duckdb(portable: ModuleType) -> None:
    with pytest.raises(NotPortable):
        portable.translate(queue_flow_sql(year=2025))


def test_groups_of_a_segment_need_group_by_all(portable: ModuleType) -> None:
    with pytest.raises(NotPortable):
        portable.translate("SELECT a, count(*) AS n FROM t GROUP BY a", by_segment=True)
    both = "SELECT a, count(*) AS n FROM t GROUP BY ALL UNION ALL SELECT b, count(*) AS n FROM t GROUP BY ALL"
    assert portable.translate(both, by_segment=True).sql.count(portable.SEGMENT_YEAR) == 2


def test_a_twin_names_where_it_is(portable: ModuleType) -> None:
    named = {name for text in portable.TWINS.values() for name in re.findall(r"\w+\.py", text)}
    there = {path.name for path in (ROOT / "pipelines").rglob("*.py")}
    assert named
    assert named <= there


DATES = (
    *("1899-12-31", "1999-12-31", "2023-08-31", "2024-02-28", "2024-02-29", "2024-11-30", "2024-12-30"),
    *("2025-01-01", "2025-03-31", "2025-12-29", "2079-12-31"),
)
ROWS = ", ".join(
    f"(DATE '{day}', {number}, {'NULL' if number % 4 == 0 else repr(chr(96 + number % 3 + 1))})"
    for number, day in enumerate(DATES, start=-5)
)
TABLE = f"(VALUES {ROWS}) AS t(d, i, s)"
EXPRESSIONS = (
    "(d + INTERVAL 3 MONTH)::DATE",
    "(d + INTERVAL 6 MONTH)::DATE",
    "d + 14",
    "date_diff('day', DATE '2024-02-29', d)",
    "i // 2",
    "i // 3",
    "date_trunc('week', d)::DATE",
    "date_trunc('month', d)::DATE",
    "greatest(date_trunc('week', d), date_trunc('month', d))::DATE",
    "year(d)",
    "'?' || s",
    "s IS DISTINCT FROM 'a'",
    "s IS NOT DISTINCT FROM NULL",
    "(s = 'a') IS TRUE",
    "s IN ('a', 'b')",
    "s NOT IN ('a', 'b')",
    "coalesce(s, 'none')",
    "CASE WHEN i > 2 THEN 'x' WHEN s IS NULL THEN 'y' END",
    "d BETWEEN DATE '2024-02-29' AND DATE '2025-01-01'",
    "row_number() OVER (PARTITION BY s ORDER BY d DESC, i)",
    "row_number() OVER (ORDER BY s DESC, i)",
    due_day_sql("d", 7, "weekdays"),
    due_day_sql("d", 0, "weekdays", True),
    due_day_sql("d", 3, "months"),
    due_day_sql("d", 14, "days"),
)


#: All in one query, which Spark plans once.
ALL = ", ".join(f"{expression} AS x{number}" for number, expression in enumerate(EXPRESSIONS))


@pytest.fixture(scope="module")
def answers(spark: Any, portable: ModuleType) -> list[Any]:
    spark.sql(f"SELECT * FROM VALUES {ROWS} AS t(d, i, s)").createOrReplaceTempView("t")
    return spark.sql(portable.translate(f"SELECT d, {ALL} FROM t").sql).collect()


@pytest.mark.parametrize("number", range(len(EXPRESSIONS)), ids=lambda number: EXPRESSIONS[number][:50])
def test_what_is_translated_gives_the_same(number: int, answers: list[Any]) -> None:
    expected = duckdb.sql(f"SELECT d, {EXPRESSIONS[number]} AS x FROM {TABLE}").fetchall()
    found = [(row["d"], row[f"x{number}"]) for row in answers]
    assert len({x for _, x in expected}) > 1
    assert sorted(found, key=str) == sorted(expected, key=str)


def test_a_hash_is_duckdbs_own_and_of_texts_alone(spark: Any, portable: ModuleType) -> None:
    hashes = importlib.import_module("pipelines.spark.hashes")
    rows = spark.sql(
        "SELECT * FROM VALUES ('a', 'ä', DATE'2025-01-01'), ('b', NULL, NULL) AS t(source, id, d)"
    )
    query = portable.translate("SELECT hash(source::VARCHAR, id) AS k, hash(d) AS h FROM t")
    types = {"source": "VARCHAR", "id": "VARCHAR", "d": "DATE"}
    hashes.with_hashes(rows, query.hashes, types).createOrReplaceTempView("t")
    found = [tuple(value % 2**64 for value in row) for row in spark.sql(query.sql).collect()]
    expected = duckdb.sql(
        """SELECT hash(source, id), hash(d)
           FROM (VALUES ('a', 'ä', DATE '2025-01-01'), ('b', NULL, NULL)) t(source, id, d)"""
    ).fetchall()
    assert found == expected
    with pytest.raises(NotPortable):
        hashes.with_hashes(rows, query.hashes, types | {"d": "UUID"})
