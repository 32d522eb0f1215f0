"""The SQL that DuckDB and Spark both run: what of it means the same, what has a twin, and what is refused.

Queries are written once, for DuckDB, and translated by sqlglot. A translator writes much that is valid in Spark and means
something else there, so that only what stands in `NODES` is translated, and everything else raises NotPortable. What the tables
say is tried by `tests/spark/`, row for row.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from hashlib import sha256

import sqlglot
from sqlglot import exp

from pipelines.errors import NotPortable

SAME, REWRITTEN, TWIN = "same", "rewritten", "twin"
#: The column that says in which segment a row lies; `None` is that of rows without a date.
SEGMENT_YEAR = "segment_year"


@dataclass(frozen=True)
class Construct:
    """A piece of SQL by the names of its nodes in sqlglot: whether it is the same in Spark, and what to know of it."""

    nodes: str
    how: str
    note: str = ""


#: All that is translated. What a node stands for is in the documentation of sqlglot, under its name.
CONSTRUCTS: tuple[Construct, ...] = (
    Construct(
        "Select From Where Subquery Table TableAlias Alias Column Identifier Paren With CTE Union", SAME
    ),
    Construct(
        "Literal Null Boolean Var And Or Not Is EQ GT GTE LT LTE NEQ Between In Case If Coalesce Exists", SAME
    ),
    Construct("NullSafeEQ NullSafeNEQ", SAME, "IS [NOT] DISTINCT FROM"),
    Construct("Star", SAME, "without EXCLUDE, REPLACE and RENAME: the columns are written out"),
    Construct("Join", SAME, "inner, or LEFT, with ON or USING; ASOF has no twin"),
    Construct("Group", SAME, "GROUP BY ALL or columns; no grouping sets"),
    Construct("Count Max Min LogicalOr LogicalAnd", SAME, "max and min of one column"),
    Construct(
        "Sum", SAME, "of whole numbers; 64 bits in Spark, where an overflow is an error, 128 in DuckDB"
    ),
    Construct("BitwiseXorAgg", SAME, "of 64 bits, which are signed in Spark"),
    Construct(
        "Window RowNumber Order Ordered",
        REWRITTEN,
        "with its order; NULLs are last, which sqlglot writes out",
    ),
    Construct(
        "Cast TryCast DataType", REWRITTEN, "to the types of `_TYPES`; a UUID is its text, an ENUM is refused"
    ),
    Construct(
        "Add", SAME, "of a number or an ord, or of months to a date; the end of a month is clamped by both"
    ),
    Construct("Sub", SAME, "of a number; between two dates Spark gives an interval: date_diff is written"),
    Construct("Interval", SAME, "of whole months"),
    Construct("DateDiff", REWRITTEN, "date_diff('day', from, to) of two dates"),
    Construct("IntDiv", REWRITTEN, "//, which is DIV; both cut towards zero"),
    Construct(
        "TimestampTrunc", REWRITTEN, "date_trunc to the week or month; a timestamp in both, cast to a date"
    ),
    Construct("Year Greatest Substring DPipe", SAME, "|| of texts is NULL where one of them is"),
    Construct(
        "ArrayAgg ArrayContains", REWRITTEN, "list and list_contains, without an order that would matter"
    ),
    Construct("Anonymous:ord", REWRITTEN, "ascii, of one character of ASCII"),
    Construct(
        "Anonymous:hash", TWIN, "DuckDB's own, in the workers (`hashes.py`): a cell key is the same number"
    ),
)
#: What works without being translated, and where.
TWINS: Mapping[str, str] = {
    "read_parquet(filename, file_row_number, union_by_name)": "archive_frame.py: a schema, and `_metadata`",
    "hash(…)": "hashes.py: DuckDB in the workers, by batches of Arrow",
    "GROUP BY ALL in each segment": "grouped_by: the segment's year is one more column of the groups",
    "ENUM, ORDER BY of published rows": "segments.py: the last step, in DuckDB, by segment",
    "ASOF JOIN, lateral hash order (queue_flow)": "write_flow.py: in DuckDB, by year, from the segments",
    "datasets of aggregates, units, codes, covered days": "build.py: in DuckDB; they do not grow with visits",
}
NODES: Mapping[str, Construct] = {name: one for one in CONSTRUCTS for name in one.nodes.split()}
_TYPES = frozenset({"TEXT", "VARCHAR", "DATE", "BOOLEAN", "BIGINT", "INT", "DOUBLE", "UUID"})
#: What an expression may have besides what every one has, where sqlglot keeps variants in one node.
_PARTS: Mapping[str, frozenset[str]] = {
    "Select": frozenset({"expressions", "from_", "joins", "where", "group", "order", "with_"}),
    "Star": frozenset(),
    "Join": frozenset({"this", "on", "using", "side", "kind"}),
    "Group": frozenset({"expressions", "all"}),
    "Max": frozenset({"this"}),
    "Min": frozenset({"this"}),
    "Window": frozenset({"this", "partition_by", "order", "over"}),
    "Union": frozenset({"this", "expression", "distinct", "with_"}),
}


@dataclass(frozen=True)
class SparkQuery:
    """A query for Spark, and the columns that it reads besides: by name, the expression of DuckDB that makes them."""

    sql: str
    hashes: Mapping[str, str] = field(default_factory=dict)


def translate(sql: str, *, by_segment: bool = False) -> SparkQuery:
    """Return a query written for DuckDB as one for Spark with the same answer.

    With `by_segment` it is answered for each segment by itself, whose year is a further column. Raises NotPortable naming
    what Spark would not know, or would answer in another way.
    """
    tree = sqlglot.parse_one(sql, read="duckdb")
    for node in tree.walk():
        _check(node)
    hashes: dict[str, str] = {}
    for node in list(tree.find_all(exp.Anonymous)):
        if node.name.lower() == "hash":
            node.replace(exp.column(_hash_column(node, hashes)))
        elif node.name.lower() == "ord":
            node.replace(exp.Anonymous(this="ascii", expressions=node.expressions))
    if by_segment:
        tree = grouped_by(tree, SEGMENT_YEAR)
    written = tree.sql("spark", comments=False, unsupported_level=sqlglot.ErrorLevel.RAISE)
    return SparkQuery(written, hashes)


def grouped_by(tree: exp.Expression, column: str) -> exp.Expression:
    """Return a query whose groups are made within each value of a further column of its rows. Raises NotPortable."""
    for select in _arms(tree):
        group = select.args.get("group")
        if group is None or not group.args.get("all"):
            raise NotPortable("not_portable", what="no GROUP BY ALL", where=select.sql("duckdb")[:_SHOWN])
        select.select(exp.column(column), copy=False)
    return tree


def _arms(tree: exp.Expression) -> Iterator[exp.Select]:
    if isinstance(tree, exp.Union):
        yield from _arms(tree.this)
        yield from _arms(tree.expression)
    elif isinstance(tree, exp.Select):
        yield tree


def _hash_column(node: exp.Expression, hashes: dict[str, str]) -> str:
    written = node.sql("duckdb")
    name = f"hash_{sha256(written.encode()).hexdigest()[:12]}"
    hashes[name] = written
    return name


#: How much of a query an error shows.
_SHOWN = 120
#: What must hold of a node besides being known.
_MUST: Mapping[str, Callable[[exp.Expression], bool]] = {
    "DataType": lambda node: node.this.name in _TYPES and not node.expressions,
    "Sub": lambda node: _is_number(node.expression),
    "Add": lambda node: (
        _is_number(node.expression) or isinstance(node.expression, exp.Interval) or _is_ord(node.expression)
    ),
    "Interval": lambda node: node.text("unit").upper() == "MONTH",
    "DateDiff": lambda node: node.text("unit").upper() == "DAY",
    "TimestampTrunc": lambda node: (
        node.text("unit").upper() in ("WEEK", "MONTH")
        and isinstance(node.find_ancestor(exp.Cast, exp.Select), exp.Cast)
    ),
    "Join": lambda node: (
        node.args.get("side", "") in ("", "LEFT")
        and node.args.get("kind", "") in ("", "INNER")
        and bool(node.args.get("on") or node.args.get("using"))
    ),
    "Window": lambda node: node.args.get("order") is not None,
}


def _check(node: exp.Expression) -> None:
    """Raises NotPortable for a node that is not in the table, or has what the table does not allow."""
    kind = type(node).__name__
    name = f"{kind}:{node.name.lower()}" if isinstance(node, exp.Anonymous) else kind
    wrong = None
    if name not in NODES:
        wrong = node.name if isinstance(node, exp.Anonymous) else kind
    elif kind in _PARTS:
        parts = {part for part, value in node.args.items() if value} - _PARTS[kind]
        wrong = f"{kind} {', '.join(sorted(parts))}" if parts else None
    if wrong is None and kind in _MUST and not _MUST[kind](node):
        wrong = kind
    if wrong is not None:
        raise NotPortable("not_portable", what=wrong, where=node.sql("duckdb", comments=False)[:_SHOWN])


def _is_ord(node: exp.Expression) -> bool:
    return isinstance(node, exp.Anonymous) and node.name.lower() == "ord"


def _is_number(node: exp.Expression) -> bool:
    return isinstance(node, exp.Literal) and not node.is_string
