"""The audit log in words: what happened, by whom, over which version, with what."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from indicators.wording import formats
from indicators.wording.translations import N_, _, ngettext
from pages.text.tables import Cell, Table
from pipelines.settings import in_finland
from pipelines.warehouse.audit import Entry, Event

EVENTS: Mapping[Event, str] = {
    Event.SIGNED_IN: N_("signed in"),
    Event.SIGNED_OUT: N_("signed out"),
    Event.REFUSED: N_("refused"),
    Event.VIEWED: N_("viewed"),
    Event.DOWNLOADED: N_("downloaded"),
    Event.LOADED: N_("loaded"),
    Event.WITHDRAWN: N_("withdrew"),
    Event.MAPPED: N_("decided on a unit or code"),
    Event.ENTERED: N_("entered or took back a figure"),
    Event.ROWS_SEEN: N_("looked at single rows"),
    Event.SETTINGS_CHANGED: N_("settings changed"),
    Event.REMOVED: N_("old entries were removed"),
}


#: What the details of an entry are called; those of an address are its parameters, in Finnish as they are written.
DETAILS: Mapping[str, str] = {
    "page": N_("page"),
    "audience": N_("audience"),
    "what": N_("what"),
    "rows": N_("rows"),
    "load": N_("load"),
    "reason": N_("reason"),
    "roles": N_("roles"),
    "right": N_("right"),
    "taken": N_("taken as"),
}
AUDIENCES: Mapping[str, str] = {
    "internal": N_("internal view"),
    "own_units": N_("own units"),
    "shareable": N_("shareable view"),
}


def details(entry: Entry, titles: Mapping[str, str]) -> str:
    """What an entry is about: its details in words, each with its name; `titles` are those of the pages."""
    return ", ".join(
        f"{_(DETAILS[name]) if name in DETAILS else name}: {_value(name, value, titles)}"
        for name, value in entry.details.items()
    )


def _value(name: str, value: str, titles: Mapping[str, str]) -> str:
    if name == "page":
        return titles.get(value, value) or "–"
    if name == "audience" and value in AUDIENCES:
        return _(AUDIENCES[value])
    return value


def _written(entry: Entry) -> str:
    """The details as the log has them."""
    return ", ".join(f"{name}: {value}" for name, value in entry.details.items())


def matches(entry: Entry, wanted: str, titles: Mapping[str, str]) -> bool:
    """Whether an entry has all words of a search, in any column."""
    text = f"{entry.user} {_(EVENTS[entry.event])} {details(entry, titles)} {_written(entry)} {entry.at:%d.%m.%Y}".casefold()
    return all(word in text for word in wanted.casefold().split())


def finding(entries: Sequence[Entry], shown: int) -> str:
    """How many entries there are, and how many fit the search."""
    every = ngettext("{count} entry in the log.", "{count} entries in the log.", len(entries)).format(
        count=formats.number(len(entries))
    )
    if shown == len(entries):
        return every
    return every + " " + _("{count} fit the search.").format(count=formats.number(shown))


def table(entries: Iterable[Entry], titles: Mapping[str, str]) -> Table:
    """The entries, as they are given: one row each; `titles` are those of the pages."""
    rows = []
    for entry in entries:
        at = in_finland(entry.at)
        rows.append(
            (
                Cell(f"{formats.day(at.date())} {at:%H:%M:%S}", at.isoformat(timespec="seconds")),
                _(EVENTS[entry.event]),
                entry.user or "–",
                entry.version or "–",
                Cell(details(entry, titles), _written(entry)) if entry.details else "–",
            )
        )
    header = (_("When"), _("What happened"), _("Who"), _("Version"), _("Details"))
    return Table.of(_("Audit log, the newest first"), header, rows)
