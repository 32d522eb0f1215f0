"""The audit log: who saw, loaded, changed or was refused what; to search and to take as a file."""

from __future__ import annotations

import streamlit as st

from indicators.wording.translations import _
from pages.text import audit as words
from pages.ui import cache, components
from pipelines.warehouse.audit import AUDIT, AuditLog

#: Entries the page lists; the file has all that fit the search.
LISTED = 200


def draw() -> None:
    """The page."""
    log = AuditLog(cache.settings().warehouse / AUDIT)
    entries = list(log.entries())[::-1]
    head = st.container()
    wanted = st.text_input(_("Search the log"), placeholder=_("for example: upload, a name, 30.11.2026"))
    fitting = [entry for entry in entries if words.matches(entry, wanted)]
    with head:
        components.title(_("Audit log"))
        components.finding(words.finding(entries, len(fitting)))
        gaps = log.problems()
        if gaps:
            st.error(_("Entries are missing or were changed: {places}.").format(places=", ".join(gaps)))
    if not entries:
        components.empty(
            _("Nothing has been recorded yet"),
            _("Views, downloads, loads and refusals are listed here as they happen."),
        )
        return
    components.show_table(words.table(fitting[:LISTED]))
    if len(fitting) > LISTED:
        components.note(_("The newest {count}; the file has all of them.").format(count=LISTED))
    components.download(words.table(fitting), "audit", what="audit log")


components.guarded(draw)
