"""Serve on the socket that the service manager hands over: `python -m pages.server`.

The socket stays open while the application restarts, so that requests wait for the new process and none is refused.
"""

from __future__ import annotations

import os
import socket
import sys

import uvicorn
from streamlit import config

#: The first file descriptor that systemd hands over.
_HANDED_OVER = 3
#: Seconds that requests under way have to end, and between signs of life on a WebSocket.
_GRACE_SECONDS = 30
_PING_SECONDS = 30


def main() -> int:
    """Serve until told to stop; returns the exit code, 2 where no socket was handed over."""
    if os.environ.get("LISTEN_FDS") != "1":
        print(
            "No socket was handed over. Start takuuvahti.socket, or run: python -m streamlit run app.py",
            file=sys.stderr,
        )
        return 2
    with socket.socket(fileno=_HANDED_OVER) as handed_over:
        # The application opens its own pages once after a publication, at this port.
        config.set_option("server.port", handed_over.getsockname()[1])
        config.set_option("server.headless", True)
        server = uvicorn.Server(
            uvicorn.Config(
                "app:app",
                ws="websockets-sansio",
                ws_ping_interval=_PING_SECONDS,
                ws_ping_timeout=_PING_SECONDS,
                timeout_graceful_shutdown=_GRACE_SECONDS,
                access_log=False,
                use_colors=False,
            )
        )
        server.run(sockets=[handed_over])
    return 0 if server.started else 3


if __name__ == "__main__":
    sys.exit(main())
