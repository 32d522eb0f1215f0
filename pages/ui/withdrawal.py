"""Withdrawing a load of the history, and the rows it set aside."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import streamlit as st

from indicators.wording.formats import number
from indicators.wording.translations import _, language, ngettext
from pages.access import session
from pages.access.decision import Right
from pages.text import upload as words
from pages.text.markup import plain
from pages.ui import components, downloads, loading, set_aside
from pages.ui.job_progress import LOADING, Preview, show_outcome, start_job
from pages.ui.jobs import JOBS
from pages.ui.loading import Contents, LoadRecord, Withdrawal

#: Kinds of jobs: loads, and withdrawals of loads.
LOAD, WITHDRAW = "load", "withdraw"
PREVIEW = Preview("upload_withdrawal")
#: Session key: the loads whose rows set aside are listed.
LISTED = "upload_rows_listed"
#: Session key: the loads whose reader is asked for the reason.
ASKED = "upload_rows_asked"


def offer(contents: Contents, record: LoadRecord) -> None:
    """What can be done with a load of the history: see the rows it set aside, and withdraw it."""
    if record.status == loading.WITHDRAWN:
        return
    if record.rows_quarantined:
        show_set_aside(record)
    if record.frozen:
        components.note(frozen_words())
    elif record.status == loading.ACTIVE:
        show_withdrawal(contents, record)


def frozen_words() -> str:
    """Why a load can no longer be withdrawn, and what to do instead."""
    newest = loading.settings().withdrawable_loads
    return ngettext(
        "This load can no longer be withdrawn: only the newest load can, and of older ones only "
        "the rows that still count are stored. Put the data right by loading a corrected extract "
        "of the same days.",
        "This load can no longer be withdrawn: only the {count} newest loads can, and of older "
        "ones only the rows that still count are stored. Put the data right by loading a "
        "corrected extract of the same days.",
        newest,
    ).format(count=number(newest))


def show_withdrawal(contents: Contents, record: LoadRecord) -> None:
    """Withdrawing a load: first what it would change, then the question, then the work in the background."""
    mark = (record.load_id, contents.version)
    previewed = PREVIEW.mark
    if not isinstance(previewed, tuple) or previewed[0] != record.load_id:
        if st.button(_("Withdraw the load …"), key=f"look-{record.load_id}", icon=":material/undo:"):
            _preview(mark)
        components.note(_("You see first what it would change. Nothing changes yet."))
        return
    job = PREVIEW.job(mark)
    if job is None:
        _preview(mark)
        return
    show_outcome(job, partial(ask, record))
    if job.error is not None:
        st.button(_("Close"), key=f"close-{record.load_id}", on_click=PREVIEW.close)


def _preview(mark: tuple[str, str]) -> None:
    PREVIEW.start(mark, WITHDRAW, mark[0], partial(loading.look_at_withdrawal, mark[0]))
    st.rerun()


def ask(record: LoadRecord, found: Withdrawal) -> None:
    """What withdrawing changes, and the button that does it."""
    st.markdown("**" + _("If you withdraw this load") + "**")
    st.warning("  \n".join(plain(text) for text in words.withdrawal_sentences(found)))
    for table in words.withdrawal_tables(found):
        components.show_table(table)
    components.note(
        _(
            "Every number is then as if the load had never been loaded, and the rows it set aside are deleted. The load "
            "stays in the history. The same file can be loaded again."
        )
    )
    agreed = st.checkbox(_("I have seen what changes"), key=f"agree-withdraw-{record.load_id}")
    with st.container(horizontal=True):
        if st.button(
            _("Withdraw the load"), key=f"withdraw-{record.load_id}", type="primary", disabled=not agreed
        ):
            PREVIEW.close()
            forget_message_of(record.load_id)
            title = _("Withdrawing load {number}").format(number=record.load_id)
            start_job(LOADING, WITHDRAW, title, partial(loading.withdraw, record.load_id))
            st.rerun()
        st.button(_("Keep the load"), key=f"keep-{record.load_id}", on_click=PREVIEW.close)


def forget_message_of(load_id: str) -> None:
    """Put away the message that a load was loaded, as it no longer holds once the load is withdrawn."""
    for job in JOBS.of_line(LOADING):
        if job.kind == LOAD and not job.open and job.error is None and job.result.load_id == load_id:
            JOBS.forget(job.id)


def show_set_aside(record: LoadRecord) -> None:
    """The rows of a load that were set aside: listed on demand, as a file, and how to correct them."""
    if record.frozen:
        components.note(
            _(
                "The rows this load set aside are no longer stored: they are deleted when a load can no "
                "longer be withdrawn."
            )
        )
        return
    listed = st.session_state.setdefault(LISTED, set())
    if record.load_id not in listed:
        _open_set_aside(record, listed)
        return
    try:
        session.require(Right.SET_ASIDE)
        _list_set_aside(record, loading.rows_set_aside(record.load_id, language()))
    except loading.TakuuvahtiError as error:
        st.error(error.message(language()))
        return
    st.button(
        _("Hide the rows"),
        key=f"hide-aside-{record.load_id}",
        on_click=listed.discard,
        args=(record.load_id,),
    )


def _open_set_aside(record: LoadRecord, listed: set[str]) -> None:
    """Open the rows of a load: to somebody who is signed in once the reason is told, which holds for the session."""
    reasons = st.session_state.setdefault(set_aside.REASONS, {})
    asked = st.session_state.setdefault(ASKED, set())
    if record.load_id in asked and record.load_id not in reasons:
        reason = _ask_reason(record)
        if reason is None:
            return
        reasons[record.load_id] = reason
    else:
        label = ngettext(
            "Show the {count} row set aside", "Show the {count} rows set aside", record.rows_quarantined
        ).format(count=number(record.rows_quarantined))
        if not st.button(label, key=f"aside-{record.load_id}", icon=":material/rule:"):
            return
        if session.access().user and record.load_id not in reasons:
            asked.add(record.load_id)
            st.rerun()
    try:
        set_aside.log_reading(record, reasons.get(record.load_id, ""))
    except loading.TakuuvahtiError as error:
        st.error(error.message(language()))
        return
    listed.add(record.load_id)
    st.rerun()


def _ask_reason(record: LoadRecord) -> str | None:
    """The reason for which somebody reads the rows of a load; None while it is not told."""
    with st.form(f"reason-{record.load_id}"):
        components.note(
            _(
                "The rows are about people in care. The reason goes into the audit log with your name: write no client's "
                "data in it."
            )
        )
        reason = st.text_input(
            _("Why do you need the rows set aside?"),
            key=f"aside-reason-{record.load_id}",
            max_chars=set_aside.LONGEST_REASON,
            placeholder=_("for example: correcting the dates with the source system"),
        )
        told = st.form_submit_button(_("Show the rows"), key=f"aside-told-{record.load_id}")
    if not told:
        return None
    if len(reason.strip()) < set_aside.SHORTEST_REASON:
        st.error(_("Write in a few words what you need the rows for. They are shown after that."))
        return None
    return reason.strip()


def _list_set_aside(record: LoadRecord, aside: loading.SetAside) -> None:
    st.markdown("**" + _("Rows set aside") + "**")
    components.note(
        _(
            "These rows are in no figure. Person identifiers are masked. The reason comes first, with the row's number "
            "in the file and, in brackets, our name of the field."
        )
    )
    with st.container(key=f"aside_rows-{record.load_id}"):
        components.show_table(words.aside_table(aside))
    if len(aside.rows) > words.ROWS_LISTED:
        components.note(
            _("The first {count} of {all} rows; the file has all of them.").format(
                count=number(words.ROWS_LISTED), all=number(len(aside.rows))
            )
        )
    st.download_button(
        _("Download the rows set aside (CSV)"),
        data=partial(
            take_set_aside, record, language(), downloads.Taker.of_run(), set_aside.second_reading(record)
        ),
        file_name=words.aside_name(record),
        mime="text/csv",
        key=f"aside-csv-{record.load_id}",
        icon=":material/download:",
        on_click="ignore",
    )
    st.markdown(
        _(
            "1. Correct the rows in Excel. Put the person identifiers back from the source system where \\*\\*\\* stands; rows "
            "left as they are go without a person.\n"
            "2. Save as CSV (semicolons) or .xlsx. Keep the name of the file: its date says which day the extract is "
            "from, so that newer extracts stay in force. The reason column may stay.\n"
            "3. Drop the file above. The checks may stop it if many rows are still wrong; you can then load it in spite "
            "of that. Rows that were corrected count from then on, and nothing else changes."
        )
    )


def take_set_aside(
    record: LoadRecord, language_code: str, taker: downloads.Taker, log_reading: Callable[[], None]
) -> bytes:
    """The file of the rows set aside; taking it is logged. Called outside the run, where no reader is known.

    Raises AccessRefused where the reader may no longer see them.
    """
    log_reading()
    taker.log("upload", f"rows set aside by load {record.load_id}", record.rows_quarantined)
    return loading.set_aside_csv(record.load_id, language_code)
