"""What a limit from outside leaves of memory, so that a load too large for it ends with a sentence and changes nothing."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from pipelines.errors import OutOfMemory

try:
    import resource
except ImportError:  # Windows has no such limits.
    resource = None  # type: ignore[assignment]

#: A load takes at least so many times the bytes of its file in memory, and of addresses, which threads reserve in plenty.
#: Libraries end the process where they cannot have that, so it is looked at before.
LEAST_TIMES_FILE, LEAST_TIMES_FILE_IN_ADDRESSES = 3, 9
_CGROUP = Path("/sys/fs/cgroup")
_STATM = Path("/proc/self/statm")


@contextmanager
def memory_named(size: int) -> Iterator[None]:
    """Raise OutOfMemory where memory ends while a file of so many bytes is loaded, or cannot be enough for it."""
    if _is_too_little(size):
        raise OutOfMemory("out_of_memory")
    try:
        yield
    except MemoryError as error:
        raise OutOfMemory("out_of_memory") from error


def _is_too_little(size: int) -> bool:
    """Whether what limits from outside leave, to the control group or of addresses, cannot be enough for so many bytes."""
    with suppress(OSError, ValueError):
        most, used = (int((_CGROUP / f"memory.{name}").read_text()) for name in ("max", "current"))
        if most - used + _reclaimable() < LEAST_TIMES_FILE * size:
            return True
    with suppress(OSError, AttributeError):
        most, _ = resource.getrlimit(resource.RLIMIT_AS)
        if most != resource.RLIM_INFINITY:
            used = int(_STATM.read_text().split()[0]) * resource.getpagesize()
            return most - used < LEAST_TIMES_FILE_IN_ADDRESSES * size
    return False


def _reclaimable() -> int:
    """The bytes of files that the control group keeps and gives up when memory is short."""
    lines = (_CGROUP / "memory.stat").read_text().splitlines()
    return sum(int(line.split()[1]) for line in lines if line.split()[0] in ("active_file", "inactive_file"))
