"""Whether the application answers: `python -m deploy.healthcheck [ADDRESS [SECONDS]]`, waiting for it so long.

Exit code 0 where it does, 1 where not."""

from __future__ import annotations

import sys
import time
import urllib.request

ADDRESS = "http://127.0.0.1:8501"
_PATIENCE_SECONDS = 5
_PAUSE_SECONDS = 0.2


def ask(address: str) -> None:
    """Return where the application at an address answers. Raises OSError where it does not."""
    with urllib.request.urlopen(f"{address}/_stcore/health", timeout=_PATIENCE_SECONDS):  # noqa: S310
        return


def main(address: str = ADDRESS, wait_seconds: str = "0") -> int:
    """Ask once, or until there is an answer for so many seconds; returns the exit code."""
    if not address.startswith(("http://", "https://")) or not wait_seconds.isdecimal():
        print(f"No address, or no seconds: {address} {wait_seconds}", file=sys.stderr)
        return 2
    until = time.monotonic() + int(wait_seconds)
    while True:
        try:
            ask(address)
        except OSError as error:
            if time.monotonic() < until:
                time.sleep(_PAUSE_SECONDS)
                continue
            print(f"{address} does not answer: {error}", file=sys.stderr)
            return 1
        return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:3]))
