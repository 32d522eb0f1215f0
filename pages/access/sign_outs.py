"""Sign-ins that somebody has signed out of: one file each in the warehouse, so that every process knows them.

Streamlit takes the cookie from the browser alone. A page that is still open in another tab, whichever process it is of, and
a copy of the cookie would be good to the end of `session_hours`.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from pipelines.warehouse.swap_version import make_private, private_folder

#: The folder in the warehouse.
SIGNED_OUT = "signed_out"
#: No sign-in lasts longer than a day, so what is older is no longer needed; an hour lets clocks differ.
_KEPT = timedelta(hours=25)


def end_sign_in(warehouse: Path, claims: Mapping[str, Any], now: datetime) -> None:
    """End the sign-in of these claims in every process. `now` has a time zone. Raises OSError where it cannot be written."""
    folder = warehouse / SIGNED_OUT
    private_folder(folder)
    path = folder / _name(claims)
    path.touch()
    make_private(path)
    for old in folder.iterdir():
        # Another process may remove it at the same time.
        with suppress(FileNotFoundError):
            if old.stat().st_mtime < (now - _KEPT).timestamp():
                old.unlink()


def is_ended(warehouse: Path, claims: Mapping[str, Any]) -> bool:
    """Whether somebody has signed out of the sign-in of these claims, in any process."""
    return (warehouse / SIGNED_OUT / _name(claims)).exists()


def _name(claims: Mapping[str, Any]) -> str:
    """A digest of all claims: they hold when the sign-in was, and what was made for it alone."""
    written = json.dumps(dict(claims), sort_keys=True, default=str)
    return hashlib.sha256(written.encode()).hexdigest()
