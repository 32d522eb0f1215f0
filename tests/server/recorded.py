"""Run a module of Python with a guard on the network: `python -m tests.server.recorded MODULE …`.

Every attempt to reach another machine, by a connection, a datagram or a look-up of a name, is written to the file that
TAKUUVAHTI_OUTGOING names, and fails.
"""

from __future__ import annotations

import ipaddress
import os
import runpy
import sys
from pathlib import Path
from typing import Any

OUTGOING = "TAKUUVAHTI_OUTGOING"
#: Which argument of an audit event is the address.
EVENTS = {"socket.connect": 1, "socket.sendto": 1, "socket.sendmsg": 1, "socket.getaddrinfo": 0}


def is_this_machine(address: Any) -> bool:
    """Whether an address of a socket, or a host's name, is this machine's own."""
    host = address[0] if isinstance(address, tuple) else address
    if isinstance(host, bytes):
        host = host.decode()
    if not host or host == "localhost" or str(host).startswith("/"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback or ipaddress.ip_address(host).is_unspecified
    except ValueError:
        return False


def guard(event: str, arguments: tuple[Any, ...]) -> None:
    """Record and refuse what leaves this machine."""
    if event in EVENTS and not is_this_machine(arguments[EVENTS[event]]):
        with Path(os.environ[OUTGOING]).open("a", encoding="utf-8") as file:
            file.write(f"{event} {arguments[EVENTS[event]]}\n")
        raise OSError("no other machine is reached")


if __name__ == "__main__":
    sys.addaudithook(guard)
    # What `python -m` would have done.
    sys.argv = sys.argv[1:]
    runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)
