"""Reading rows set aside: for what reason, and the record of it. Nobody reads them unlogged."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from pages.access import session
from pages.access.decision import Right
from pages.ui.loading import LoadRecord
from pipelines.identity_codes import mask
from pipelines.warehouse.audit import Event

#: Characters of a reason, without blanks around it.
SHORTEST_REASON, LONGEST_REASON = 5, 200
#: Session key: why the rows of a load are read, by load.
REASONS = "upload_rows_reasons"


def log_reading(record: LoadRecord, reason: str) -> None:
    """Record that the rows of a load are read; the one person of an application of their own gives no reason.

    Raises AccessRefused where this run may not read them, and NotLogged where it cannot be recorded.
    """
    session.require(Right.SET_ASIDE)
    session.record_or_refuse(Event.ROWS_SEEN, **_details(record, reason))


def second_reading(record: LoadRecord) -> Callable[[], None]:
    """The same for a file taken later, outside this run: by this run's reader, if they may still read the rows then."""
    recheck = session.recheck(Right.SET_ASIDE)
    details = _details(record, st.session_state.get(REASONS, {}).get(record.load_id, ""))

    def log_later() -> None:
        recheck(Event.ROWS_SEEN, details | {"taken": "csv"})

    return log_later


def _details(record: LoadRecord, reason: str) -> dict[str, str]:
    details = {"load": record.load_id, "rows": str(record.rows_quarantined)}
    return details | ({"reason": mask(reason)} if reason else {})
