"""Pieces of the pages that load data: findings, effects, jobs, the history."""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import streamlit as st

from indicators.wording.formats import NBSP, number
from indicators.wording.translations import _, language, ngettext
from pages.text import upload as words
from pages.text.markup import plain
from pages.ui import components, loading, scripts
from pages.ui.loading import Finding, LoadOptions, LoadRecord, LoadReport, Remembered


@dataclass
class Entry:
    """A file that waits for its load; `inspected` is what it was inspected for: the choices and the loads there were."""

    name: str
    data: bytes = field(repr=False)
    id: str = field(default_factory=lambda: secrets.token_hex(6))
    options: LoadOptions = field(default_factory=LoadOptions)
    inspected: object = None
    job_id: str | None = None
    report: LoadReport | None = None
    error: BaseException | None = None
    mapping_text: str = field(default="", repr=False)
    mapping_used: str = field(default="", repr=False)
    mapping_error: str | None = None
    remembered: Remembered | None = None
    is_looked_for: bool = False

    @property
    def shown(self) -> str:
        """The name as it may be shown."""
        return loading.safe_name(self.name)


def localise_uploader(turn: int, *, single: bool = False, megabytes: int = loading.MAX_MEGABYTES) -> None:
    """The uploader's own words in the language of the page, seen and read aloud; `turn` renews them for each new uploader."""
    label = _("Choose a file") if single else _("Choose files")
    hint = (
        _("or drop it here, at most {size} MB") if single else _("or drop them here, at most {size} MB each")
    ).format(size=megabytes)
    button, drop = (json.dumps(text, ensure_ascii=False) for text in (label, hint))
    zone = '[data-testid="stFileUploaderDropzone"]'
    st.html(
        f"""<style>
        {zone} {{ min-height: 5.5rem; align-items: center; border-style: dashed; }}
        {zone} button p {{ visibility: hidden; font-size: 0; white-space: nowrap; }}
        {zone} button p::before {{ content: {button}; visibility: visible; font-size: .875rem; }}
        [data-testid="stFileUploaderDropzoneInstructions"] span {{ display: none; }}
        [data-testid="stFileUploaderDropzoneInstructions"]::after {{ content: {drop}; }}
        </style>"""
    )
    scripts.run(scripts.UPLOADER_LABEL, label=label, turn=turn)


def show_findings(found: Sequence[Finding]) -> None:
    """Findings in plain language, the gravest first: level, how many, what to do."""
    for one in sorted(found, key=lambda finding: list(words.LEVELS).index(finding.level)):
        mark, level = words.LEVELS[one.level]
        head = mark + NBSP + "**" + _(level) + "**"
        if one.level != "file" or one.count > 1:
            head += f" · {number(one.count)}"
        st.markdown(f"{head}  \n{plain(loading.sentence(one, language()))}")


def show_limits(said: Sequence[str]) -> None:
    """What the data will not be able to tell, above the button that loads it."""
    if said:
        listed = "".join(f"\n- {plain(text)}" for text in said)
        st.warning("**" + _("What this data cannot tell") + "**\n" + listed)


def show_notes(report: LoadReport) -> None:
    """What the checks found in a file that may be loaded or is: the same before loading and after it."""
    first = [found for found in report.findings if loading.is_shown_first(found)]
    cannot_tell = words.cannot_tell(report)
    others = [
        found for found in report.findings if found not in first and found.code not in words.NOT_IN_THE_DATA
    ]
    for found in first:
        st.warning(plain(loading.sentence(found, language())))
    show_limits(cannot_tell)
    if others:
        with st.expander(words.findings_words(others), expanded=len(others) <= 3):
            show_findings(others)
    elif not first and not cannot_tell:
        components.note(_("The checks found nothing to remark on."))


def show_effect(report: LoadReport) -> None:
    """The four numbers of an effect, and by month where the rows are single events."""
    numbers = (
        (_("New rows"), report.rows_new),
        (_("Changed rows"), report.rows_changed),
        (_("Removed rows"), report.rows_removed),
        (_("Set aside"), report.rows_quarantined),
    )
    with st.container(horizontal=True, gap="medium"):
        for name, count in numbers:
            st.metric(name, number(count), width="content")
    by_month, by_unit = report.by_month, report.by_unit
    months = ngettext("By month ({count} month)", "By month ({count} months)", len(by_month))
    units = ngettext("By unit ({count} unit)", "By unit ({count} units)", len(by_unit))
    for counted, rows, title in ((by_month, words.month_rows, months), (by_unit, words.unit_rows, units)):
        if counted:
            with st.expander(title.format(count=number(len(counted)))):
                st.table(rows(counted, words.LOADED), width="content")


def history_entry(record: LoadRecord, actions: Callable[[LoadRecord], None]) -> None:
    """One load of the history: a line that opens to its facts and findings, and to what can be done with it."""
    with st.expander(words.history_title(record), key=f"load-{record.load_id}"):
        components.facts(words.history_facts(record))
        show_findings(loading.stored_findings(record))
        actions(record)
