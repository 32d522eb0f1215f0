"""Where the numbers of a page come from, in words."""

from __future__ import annotations

from collections.abc import Iterable

from indicators.engine.question import Answer, LoadUsed
from indicators.wording import formats
from indicators.wording.translations import _, ngettext

_NAMED_LOADS = 3


def demo_words() -> str:
    """The mark of demo data, wherever it is shown."""
    return _("Demo data: the numbers are made up")


def sources_heading(loads: Iterable[LoadUsed]) -> str:
    """How many loads are behind the numbers, and when the newest was extracted."""
    known = {load.load_id: load for load in loads}
    if not known:
        return _("Sources")
    newest = max(load.extract_date for load in known.values())
    return ngettext(
        "Sources: {count} load, extracted {day}",
        "Sources: {count} loads, the newest extracted {day}",
        len(known),
    ).format(count=len(known), day=formats.day(newest))


def sources_words(*answers: Answer, cited: Iterable[str] = (), used: Iterable[LoadUsed] = ()) -> str:
    """Loads, extract dates, days covered, demo or real, documents; `used` are loads besides those of the answers."""
    loads = {load.load_id: load for answer in answers for load in answer.loads}
    loads |= {load.load_id: load for load in used}
    newest = sorted(loads.values(), key=lambda load: (load.extract_date, load.load_id), reverse=True)
    said = [_load_words(load) for load in newest[:_NAMED_LOADS]]
    if len(newest) > _NAMED_LOADS:
        more = len(newest) - _NAMED_LOADS
        said.append(ngettext("{count} earlier load", "{count} earlier loads", more).format(count=more))
    documents = {str(text) for text in cited if text}
    documents |= {
        str(text)
        for answer in answers
        if "cited_source" in answer.rows
        for text in answer.rows["cited_source"].dropna()
    }
    said += sorted(documents)
    if not said:
        return _("Sources: no load is behind these figures.")
    return _("Sources: {sources}.").format(sources="; ".join(said))


def _load_words(load: LoadUsed) -> str:
    span = ""
    if load.period_start and load.period_end:
        span = ", " + _("covers {span}").format(span=formats.day_span(load.period_start, load.period_end))
    mark = ", " + _("demo data") if load.demo else ""
    return _("{file} (load {load}, extracted {day}{span}{mark})").format(
        file=load.file, load=load.load_id, day=formats.day(load.extract_date), span=span, mark=mark
    )
