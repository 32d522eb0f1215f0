"""Whether the application answers: `python -m deploy.healthcheck [ADDRESS]`. Exit code 0 where it does, 1 where not."""

from __future__ import annotations

import sys
import urllib.request

ADDRESS = "http://127.0.0.1:8501"
_PATIENCE_SECONDS = 5


def main(address: str = ADDRESS) -> int:
    """Ask once; returns the exit code."""
    if not address.startswith(("http://", "https://")):
        print(f"No address: {address}", file=sys.stderr)
        return 2
    try:
        with urllib.request.urlopen(f"{address}/_stcore/health", timeout=_PATIENCE_SECONDS):  # noqa: S310
            return 0
    except OSError as error:
        print(f"{address} does not answer: {error}", file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:2]))
