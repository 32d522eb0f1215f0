"""What the data asks of its keepers, the gravest first: late sources, silent units, sudden changes, codes, gaps."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from indicators.wording import formats
from indicators.wording.translations import ngettext
from pages.sheet import Action
from pages.text import data_quality as words
from pages.text import names
from pages.text.sentences import some_of
from pages.ui.loading import BlankColumn, quality, safe_name

#: So many things to do are shown.
MOST = 5


@dataclass(frozen=True)
class Found:
    """What is known of the data: sources, codes, sudden changes, units, gaps, rows set aside, overdue reviews, and columns
    that months lack."""

    fresh: Sequence[quality.Fresh]
    codes: Sequence[quality.Unmapped]
    sudden: Sequence[quality.Sudden]
    units: Sequence[quality.UnitFresh]
    gaps: Sequence[quality.Uncovered]
    aside: Sequence[quality.Aside]
    reviews: Sequence[quality.Review]
    blank: Sequence[BlankColumn] = ()


@dataclass(frozen=True)
class Places:
    """Addresses the things to do lead to."""

    upload: str
    master_data: str
    fresh: str
    rows: str
    definitions: str


def actions(counts: words.RowCounts, found: Found, places: Places) -> list[Action]:
    """At most `MOST` things to do, the gravest first."""
    late = [one for one in found.fresh if one.late and not one.demo]
    silent = [one for one in found.units if one.silent]
    said = [
        _action(
            found.blank,
            "limit",
            ngettext(
                "column has no values in the newest months: load them again with it",
                "columns have no values in the newest months: load them again with them",
                len(found.blank),
            ),
            (f"{safe_name(one.column)} {one.months}" for one in found.blank),
            places.upload,
        ),
        _action(
            late,
            "limit",
            ngettext("source is late: load its extract", "sources are late: load their extracts", len(late)),
            (words.source(one.source) for one in late),
            places.upload,
        ),
        _action(
            silent,
            "coverage",
            ngettext(
                "unit has sent nothing for two weeks", "units have sent nothing for two weeks", len(silent)
            ),
            (names.name("unit", one.unit) for one in silent),
            places.fresh,
        ),
        _action(
            found.sudden,
            "worsened",
            ngettext(
                "sudden change in the number of rows",
                "sudden changes in the number of rows",
                len(found.sudden),
            ),
            (names.name("unit", one.unit) for one in found.sudden),
            places.rows,
        ),
        _action(
            found.codes,
            "missing",
            ngettext("code is to be identified", "codes are to be identified", len(found.codes)),
            (code.text for code, *_rest in words.codes_table(counts, found.codes).rows),
            places.master_data,
        ),
        *_less_grave(found, places),
    ]
    return [one for one in said if one is not None][:MOST]


def _less_grave(found: Found, places: Places) -> list[Action | None]:
    """Gaps that go on, rows set aside and overdue reviews."""
    open_gaps = [one for one in found.gaps if one.goes_on]
    return [
        _action(
            open_gaps,
            "missing",
            ngettext("period is still missing", "periods are still missing", len(open_gaps)),
            (names.name("unit", one.unit) for one in open_gaps),
            places.fresh,
        ),
        _action(
            found.aside,
            "missing",
            ngettext("reason for rows set aside", "reasons for rows set aside", len(found.aside)),
            (words.reason(one.code) for one in found.aside),
            places.rows,
        ),
        _action(
            found.reviews,
            "missing",
            ngettext("review is overdue", "reviews are overdue", len(found.reviews)),
            (words.reviewed(one) for one in found.reviews),
            places.definitions,
        ),
    ]


def _action(found: Sequence[object], kind: str, what: str, where: Iterable[str], href: str) -> Action | None:
    """One thing to do; None where there is nothing of it."""
    return Action(formats.number(len(found)), kind, what, some_of(where, 3), href) if found else None
