"""How nginx spreads the readers over several processes of the application: `python -m deploy.processes COUNT`.

Prints what `deploy/nginx.conf` begins with, for another number of processes. What a session holds, its uploads and its
downloads are in the memory of one process, so each reader stays with one, which a cookie names. Where that one does not
answer, another takes its readers over, and the cookie names it from then on.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

import typer

from pipelines.command_line import register

#: The port of the first process; the others follow it.
FIRST_PORT = 8501
#: The unit's template has one digit for the process.
MOST = 9
#: The cookie that names a reader's process.
COOKIE = "takuuvahti_process"

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)


@register(app)
def processes(count: Annotated[int, typer.Argument(min=1, max=MOST, help="How many processes.")]) -> None:
    """Print the part of nginx.conf that spreads readers over processes."""
    typer.echo(spread(range(FIRST_PORT, FIRST_PORT + count)), nl=False)


def spread(ports: Sequence[int]) -> str:
    """What nginx is told to spread readers over the processes at these ports of this machine: upstreams and maps."""
    servers = [f"server 127.0.0.1:{port} max_fails=0" for port in ports]
    # A single process is asked once more where its connection ends with a restart.
    own = [[server, *(f"{other} backup" for other in servers if other != server)] for server in servers]
    if len(servers) == 1:
        servers, own = servers * 2, [servers * 2]
    numbers = range(1, len(ports) + 1)
    return "\n".join(
        (
            "# A new reader goes to the process with the fewest connections.",
            _upstream("takuuvahti", ["least_conn", *servers]),
            "# Who has a process goes there, and to another where it does not answer.",
            *(_upstream(f"takuuvahti_{number}", lines) for number, lines in zip(numbers, own, strict=True)),
            _map(
                f"$cookie_{COOKIE} $takuuvahti_upstream",
                ["default takuuvahti", *(f"{number} takuuvahti_{number}" for number in numbers)],
            ),
            _map(
                "$upstream_addr $takuuvahti_process",
                [
                    'default ""',
                    *(f'"~:{port}$" {number}' for number, port in zip(numbers, ports, strict=True)),
                ],
            ),
            _map("$scheme $takuuvahti_secure", ['default ""', 'https "; Secure"']),
            "# The cookie is sent to whoever has none, or one of another process than the one that answered.",
            _map(
                f'"$cookie_{COOKIE} $takuuvahti_process" $takuuvahti_cookie',
                [
                    f'default "{COOKIE}=$takuuvahti_process; Path=/; HttpOnly; SameSite=Lax$takuuvahti_secure"',
                    '"~ $" ""',
                    r'"~^(\d+) \1$" ""',
                ],
            ),
        )
    )


def _upstream(name: str, lines: Sequence[str]) -> str:
    return _block(f"upstream {name}", [f"zone {name} 64k", *lines])


def _map(names: str, lines: Sequence[str]) -> str:
    return _block(f"map {names}", lines)


def _block(head: str, lines: Sequence[str]) -> str:
    return "\n".join((f"{head} {{", *(f"    {line};" for line in lines), "}\n"))


if __name__ == "__main__":
    app()
