"""Serve on the socket that the service manager hands over, `python -m pages.server`, or at a port: `python -m pages.server 8502`.

The socket stays open while the application restarts, so that requests wait for the new process and none is refused. A port
closes with its process, so that the proxy goes on to another of several.
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
#: Connections that wait to be taken, at a port of one's own.
_BACKLOG = 1024


def main(*words: str) -> int:
    """Serve until told to stop; returns the exit code, 2 where there is neither a socket handed over nor a port to listen at.

    A port is of this machine alone: a proxy stands in front.
    """
    handed_over = os.environ.get("LISTEN_FDS") == "1"
    if not handed_over and not (len(words) == 1 and words[0].isdecimal()):
        print(
            "No socket was handed over. Start takuuvahti.socket, or run: python -m streamlit run app.py",
            file=sys.stderr,
        )
        return 2
    with (
        socket.socket(fileno=_HANDED_OVER)
        if handed_over
        else socket.create_server(("127.0.0.1", int(words[0])), backlog=_BACKLOG)
    ) as listener:
        # The application opens its own pages once after a publication, at this port.
        config.set_option("server.port", listener.getsockname()[1])
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
                # One of several is named by whoever starts them.
                log_level="info" if handed_over else "warning",
            )
        )
        server.run(sockets=[listener])
    return 0 if server.started else 3


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
