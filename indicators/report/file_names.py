"""The names of reports' files: what was asked for differently has another name."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence

from indicators.engine.question import Question
from indicators.report.content import Asked
from indicators.wording.translations import _

#: So many codes are in the name of a file, and what of a code cannot be.
MOST_CODES_NAMED = 3
_NOT_IN_NAMES = re.compile(r"[^\w+.-]")
#: Hexadecimal digits by which names are told apart whose codes are not all in them as they are.
_DIGEST = 6


def file_stem(asked: Asked, language: str) -> str:
    """The name of a report's file: which report, of which area and units or year, when, for whom, in which language."""
    if asked.units:
        return _stem(asked, language, _("weekly_sheet"), _codes(asked.units))
    return _stem(asked, language, _("report"), [] if asked.year is None else [str(asked.year)])


def chart_stem(asked: Asked, question: Question, language: str) -> str:
    """The name of a chart's file: the indicator, its grain, what it is narrowed to and its days besides what a report says."""
    what = "_".join(part for part in (question.indicator, question.by) if part)
    narrowed = [part for name, codes in question.where for part in (name, *_codes(codes))]
    days = [
        f"{word}-{day.isoformat()}"
        for word, day in (("from", question.date_from), ("to", question.date_to))
        if day is not None
    ]
    return _stem(asked, language, what, [*narrowed, *days])


def _codes(codes: Sequence[str]) -> list[str]:
    """Some codes for the name of a file: the first ones, how many more; where that is not all, a digest of all of them."""
    named, more = codes[:MOST_CODES_NAMED], len(codes) - MOST_CODES_NAMED
    written = [*named, *([f"+{more}"] if more > 0 else [])]
    if more > 0 or any(_NOT_IN_NAMES.search(code) for code in named):
        written.append(hashlib.sha256("\n".join(sorted(codes)).encode()).hexdigest()[:_DIGEST])
    return written


def _stem(asked: Asked, language: str, what: str, narrowed: Sequence[str]) -> str:
    whom = _("internal") if asked.audience.internal else _("shareable")
    named = [what, asked.area, *narrowed, asked.as_of.isoformat(), whom, language]
    return "_".join(_NOT_IN_NAMES.sub("-", part) for part in named)
