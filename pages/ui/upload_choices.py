"""What a person may say about a file before it is loaded; what is said makes the file inspected anew."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any

import streamlit as st

from indicators.wording.translations import _, language
from pages.text.upload import SCOPES
from pages.ui import components, filters, loading
from pages.ui.upload_parts import Entry

#: The choice to let the loader find out.
AUTOMATIC = ""


def choose(entry: Entry) -> None:
    """Area, source, extract date, scope, sheet, header row and window of a file."""
    area = _chosen(
        st.selectbox,
        f"area-{entry.id}",
        entry.options.area,
        _("Area that delivers the file"),
        list(loading.area_names(language())),
        format_func=loading.area_names(language()).get,
        help=_("Local numbers of patients and visits are the area's own, and new units are put in it."),
    )
    with st.expander(_("Correct what was recognised"), icon=":material/tune:"):
        left, right = st.columns(2)
        with left:
            said = _recognised(entry)
        with right:
            first, last = _window(entry)
        if (first is None) != (last is None):
            st.info(_("Give both ends of the window; until then it is not used."))
        elif first is not None and last is not None and first > last:
            st.info(_("The window ends before it begins; it is not used."))
    entry.options = replace(entry.options, area=area, window=window_of(first, last), **said)


def _recognised(entry: Entry) -> dict[str, Any]:
    """What the loader recognises by itself, and a person may correct: the options they give."""
    options = entry.options
    sources = {AUTOMATIC: _("Find out from the headers"), **loading.source_titles(language())}
    scopes = {AUTOMATIC: _("As usual for the source"), **filters.labels(SCOPES)}
    source = _chosen(
        st.selectbox,
        f"source-{entry.id}",
        options.source or AUTOMATIC,
        _("Source"),
        list(sources),
        format_func=sources.get,
        disabled=options.mapping is not None,
    )
    as_of = _chosen(
        st.date_input,
        f"as-of-{entry.id}",
        options.as_of,
        _("Extract date"),
        max_value=loading.now_and_today()[1],
        format="DD.MM.YYYY",
        help=_("The day the extract was made. A newer extract replaces the rows of an older one."),
    )
    scope = _chosen(
        st.selectbox,
        f"scope-{entry.id}",
        options.scope or AUTOMATIC,
        _("The file covers"),
        list(scopes),
        format_func=scopes.get,
        help=_(
            "All units of the area: a unit that is missing from the file has no visits in the window, or an "
            "empty queue."
        ),
    )
    sheet = _chosen(
        st.text_input,
        f"sheet-{entry.id}",
        options.sheet or "",
        _("Sheet of the workbook"),
        help=_("The name of the sheet or its number. Without one the first sheet is read."),
    )
    header_row = _chosen(
        st.number_input,
        f"header-row-{entry.id}",
        options.header_row,
        _("Row of the headers"),
        min_value=1,
        step=1,
        help=_("Give it where there is a title above the headers. The first row is 1."),
    )
    return {
        "source": source or None,
        "as_of": as_of,
        "scope": scope or None,
        "sheet": sheet.strip() or None,
        "header_row": header_row,
    }


def _window(entry: Entry) -> tuple[date | None, date | None]:
    """The days a file covers in full; none of a dataset that has no window."""
    report = entry.report
    if report is not None and report.dataset is not None and not loading.has_window(report.dataset):
        return None, None
    ends = entry.options.window or (None, None)
    first, last = (
        _chosen(st.date_input, f"{name}-{entry.id}", end, label, format="DD.MM.YYYY")
        for name, end, label in zip(("from", "to"), ends, (_("Window from"), _("Window to")), strict=True)
    )
    components.note(
        _(
            "The days the file covers in full: rows of these days that are missing from it are then "
            "removed. Without a window nothing is removed."
        )
    )
    return first, last


def _chosen(widget: Callable[..., Any], key: str, before: object, *arguments: object, **named: object) -> Any:
    """What a widget says; it begins with what was chosen before, also after another page was looked at."""
    st.session_state.setdefault(key, before)
    return widget(*arguments, key=key, **named)


def window_of(first: date | None, last: date | None) -> tuple[date, date] | None:
    """The window where both ends of it are given and in order."""
    return (first, last) if first is not None and last is not None and first <= last else None


def overrule(entry: Entry) -> None:
    """Whether a file is loaded in spite of findings that would stop it: explained, and asked for by name."""
    _flag(entry, "force", _("I have looked at the reasons and want to load the file in spite of them"))
    components.note(
        _(
            "Rows that cannot be read stay out all the same. Do this only where you know why the extract is smaller "
            "or worse than before."
        )
    )


def say_published(entry: Entry) -> None:
    """Whether counts of queues have been published: then they are never suppressed."""
    _flag(
        entry,
        "published",
        _("The counts in this file have been published"),
        help=_(
            "Published counts are shown however small they are. Others are suppressed where they are small."
        ),
    )


def _flag(entry: Entry, option: str, label: str, help: str | None = None) -> None:
    key = f"{option}-{entry.id}"
    st.session_state[key] = getattr(entry.options, option)

    def change() -> None:
        entry.options = replace(entry.options, **{option: bool(st.session_state[key])})

    st.checkbox(label, key=key, on_change=change, help=help)
