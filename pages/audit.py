"""The audit log: who saw, loaded, changed or was refused what; to search and to take as a file."""

from __future__ import annotations

import streamlit as st

from indicators.wording.translations import _
from pages.text import audit as words
from pages.ui import cache, components, page_registry
from pages.ui.tables import sorted_table
from pipelines.warehouse.audit import AUDIT, AuditLog

#: So many entries are listed, and so many more on demand; the file has all that fit the search.
STEP = 20
#: In the session: how many are listed.
LISTED = "audit_listed"


def draw() -> None:
    """The page."""
    log = AuditLog(cache.settings().warehouse / AUDIT)
    entries = list(log.entries())[::-1]
    titles = page_registry.titles()
    head = st.container()
    wanted = st.text_input(_("Search the log"), placeholder=_("for example: upload, a name, 30.11.2026"))
    fitting = [entry for entry in entries if words.matches(entry, wanted, titles)]
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
    listed = st.session_state.setdefault(LISTED, STEP)
    sorted_table(words.table(fitting[:listed], titles), "audit")
    if len(fitting) > listed:
        components.note(_("The newest {count}; the file has all of them.").format(count=listed))
        more = _("Show {count} more").format(count=min(STEP, len(fitting) - listed))
        if st.button(more, key="more-audit"):
            st.session_state[LISTED] = listed + STEP
            st.rerun()
    components.download(words.table(fitting, titles), "audit", what="audit log")


components.guarded(draw)
