"""The splits of an indicator as a table: each part in the period looked at, its change, its course and its signal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import pandas as pd

from indicators.analysis.change import change_against
from indicators.analysis.control_chart import GRAINS as SPC_GRAINS
from indicators.analysis.control_chart import SpcResult
from indicators.analysis.signals import spc_of
from indicators.catalogue.definition import Definition
from indicators.drawing.small import coverage_bar, sparkline
from indicators.engine.question import Answer
from indicators.wording import formats
from indicators.wording.translations import _
from pages.sheet import Column, Row, Value, data_table, plain_value, titled
from pages.sheet.evidence import signal_in_row
from pages.sheet.table import DESCENDING
from pages.text import indicator as words
from pages.text import names
from pages.text.tables import worst_first
from pages.ui import address, cache, components
from pages.ui.opened_indicator import EARLIER, OpenedIndicator

#: Periods that the small line of a row shows.
SPARK_PERIODS = 26


@dataclass(frozen=True)
class _Part:
    """One value of a split: its code, its rows in the order of time, the place of the period looked at, its judgement."""

    code: str
    answer: Answer
    at: int | None
    judged: SpcResult | None

    @property
    def row(self) -> Mapping[str, Any] | None:
        """Its row of the period looked at; None where it has none."""
        return None if self.at is None else self.answer.rows.iloc[self.at].to_dict()

    def is_small(self, least: int) -> bool:
        """Whether its share or wait rests on fewer cases than it should be read from; a count rests on none."""
        row = self.row
        return (
            row is not None and not formats.missing(row["denominator"]) and bool(row["denominator"] < least)
        )

    @property
    def kind(self) -> str | None:
        """What the period looked at signals; None where that is not judged."""
        row = self.row
        return None if self.judged is None or row is None else self.judged.kind_of(row["period"])


def split_table(
    shown: OpenedIndicator, split: str, parameter: str, most: int | None = None
) -> tuple[str, Answer]:
    """The table of a split, worst first unless sorted by the reader; with `most` the worst alone. Returns the answer too."""
    answer = shown.view.ask(shown.view.by_split(split))
    parts = _parts(shown, answer, split)
    opened = shown.view.opened
    called = names.names(split, [part.code for part in parts])
    columns = _columns(opened, split, parts)
    order = address.selected(parameter, _orders(columns), "")
    rows = [_row(shown, part, called[part.code], split, parts) for part in parts]
    drawn = rows if most is None or order else rows[:most]
    least = _least(opened)
    feet = []
    if not order and any(part.is_small(least) for part in parts):
        feet.append(_("Last: those with fewer than {count} cases.").format(count=least))
    if len(drawn) < len(rows):
        more = _("The {count} worst of {all}; the others are under Splits.").format(
            count=formats.number(len(drawn)), all=formats.number(len(rows))
        )
        feet.append(more)
    heading = words.split_finding(names.dimension(split), {called[part.code]: part.kind for part in parts})
    table = data_table(
        f"{names.text(opened).name} – {names.dimension(split)}",
        columns,
        drawn,
        order,
        lambda code: components.link_here({parameter: code}),
        foot=" ".join(feet),
    )
    return titled(heading, table), answer


def _parts(shown: OpenedIndicator, answer: Answer, split: str) -> list[_Part]:
    """The parts of which anything is known, worst first in the period looked at; those of few cases last."""
    label = None if shown.actual is None else shown.actual.period.label
    found: dict[str, _Part] = {}
    newest = []
    for code, own in answer.rows.groupby(split, sort=True):
        rows = own.reset_index(drop=True)
        if not (rows["value"].notna() | rows["low"].notna()).any():
            continue
        labels = list(rows["period"])
        at = labels.index(label) if label in labels else None
        alone = replace(answer, rows=rows, question=replace(answer.question, splits=()))
        judged = spc_of(alone, None, shown.breaks) if answer.grain in SPC_GRAINS else None
        found[str(code)] = _Part(str(code), alone, at, judged)
        newest.append(rows.iloc[[len(rows) - 1 if at is None else at]])
    if not newest:
        return []
    ordered = worst_first(pd.concat(newest, ignore_index=True), answer.definition)
    least = _least(answer.definition)
    return sorted((found[str(code)] for code in ordered[split]), key=lambda part: part.is_small(least))


def _least(definition: Definition) -> int:
    """The fewest cases that a share or a wait should be read from."""
    return cache.settings().share_min_n if definition.is_share else cache.settings().p90_min_n


def _columns(opened: Definition, split: str, parts: Sequence[_Part]) -> list[Column]:
    """The columns that any part has something for."""
    has_coverage = any(part.answer.rows["coverage"].notna().any() for part in parts)
    has_n = any(part.answer.rows["denominator"].notna().any() for part in parts)
    return [
        Column("nimi", names.dimension(split), right=False),
        Column("arvo", _("Share") if opened.is_share else _("Value")),
        *([Column("n", "n", hides="medium", largest_first=True)] if has_n else []),
        *([Column("kattavuus", _("Coverage"), hides="medium")] if has_coverage else []),
        Column("muutos", _("Change"), hides="narrow"),
        Column("kehitys", _("Trend"), right=False, sorts=False, hides="narrow"),
        *([Column("suunta", _("Direction"), right=False, sorts=False)] if parts and parts[0].judged else []),
    ]


def _orders(columns: Sequence[Column]) -> list[str]:
    return [f"{sign}{column.code}" for column in columns if column.sorts for sign in ("", DESCENDING)]


def _row(shown: OpenedIndicator, part: _Part, name: str, split: str, parts: Sequence[_Part]) -> Row:
    """A part as a row, which narrows the page to it where the address has a filter for the split."""
    opened, row = shown.view.opened, part.row
    parameter = address.PARAMETERS.get(split)
    selected = parameter is not None and part.code in shown.view.chosen.of(split)
    href = ""
    if parameter is not None:
        href = components.link_here({parameter: address.EVERYTHING if selected else part.code})
    has_n = any(one.answer.rows["denominator"].notna().any() for one in parts)
    has_coverage = any(one.answer.rows["coverage"].notna().any() for one in parts)
    least = _least(opened)
    scaled = [one for one in parts if not one.is_small(least)] or parts
    values = pd.concat([one.answer.rows["value"].tail(SPARK_PERIODS) for one in scaled]).dropna()
    line = sparkline(
        part.answer.rows["value"].tail(SPARK_PERIODS),
        low=None if values.empty else float(values.min()),
        high=None if values.empty else float(values.max()),
    )
    cells = [
        _value(row, opened),
        *([_n(row)] if has_n else []),
        *([_coverage(row)] if has_coverage else []),
        _change(part),
        Value(line),
        *([Value(signal_in_row(part.judged))] if parts[0].judged and part.judged else []),
    ]
    return Row(name, href, tuple(cells), selected)


def _value(row: Mapping[str, Any] | None, opened: Definition) -> Value:
    if row is None:
        return plain_value("–", None, kind="muted")
    key = None if formats.missing(row["value"]) else float(row["value"])
    return plain_value(formats.short_marked(row, opened), key, kind="muted" if key is None else "text")


def _n(row: Mapping[str, Any] | None) -> Value:
    if row is None:
        return plain_value("–", None, kind="muted")
    return plain_value(formats.count(row, "denominator"), formats.counted(row, "denominator"))


def _coverage(row: Mapping[str, Any] | None) -> Value:
    if row is None or not formats.has_coverage(row):
        return plain_value("–", None, kind="muted")
    low = row["coverage"] < cache.settings().low_coverage_pct
    return Value(
        f"{formats.coverage(row)} {coverage_bar(float(row['coverage']), low=low)}", float(row["coverage"])
    )


def _change(part: _Part) -> Value:
    earlier = 1 if part.answer.grain in (None, "year") else EARLIER
    change = None if part.at is None else change_against(part.answer, part.at, earlier)
    if change is None:
        return plain_value("–", None, kind="muted")
    decimals = part.answer.definition.decimals
    return plain_value(formats.signed(change.difference, decimals), change.difference)
