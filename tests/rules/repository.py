"""What the rules look at: the files of the repository, parsed."""

from __future__ import annotations

import ast
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
#: Folders of code that runs for users.
CODE = ("app.py", "pages", "indicators", "pipelines")


@cache
def tracked_files() -> tuple[Path, ...]:
    """Every file of the repository, committed or about to be, but not what git ignores."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
        cwd=ROOT,
        capture_output=True,
        check=True,
    ).stdout
    names = sorted(name for name in listed.decode().split("\0") if name)
    return tuple(path for name in names if (path := ROOT / name).is_file())


def python_files(*places: str) -> Iterator[Path]:
    """The Python files of the repository in folders (or single files) named from the root."""
    for path in tracked_files():
        name = path.relative_to(ROOT).as_posix()
        if path.suffix == ".py" and any(name == place or name.startswith(f"{place}/") for place in places):
            yield path


def page_files() -> list[Path]:
    """The pages themselves, one a URL; not what they share."""
    return [p for p in python_files("pages") if p.parent.name == "pages" and p.stem != "__init__"]


@cache
def tree(path: Path) -> ast.Module:
    """The parsed file."""
    return ast.parse(path.read_text(encoding="utf-8"), filename=str(path))


def place(path: Path, node: ast.AST | None = None) -> str:
    """Where a fault is, for the message."""
    name = path.relative_to(ROOT).as_posix()
    return name if node is None else f"{name}:{getattr(node, 'lineno', '?')}"


def imported_modules(path: Path) -> Iterator[tuple[str, ast.AST]]:
    """Every module a file imports, anywhere in it; of `from a import b` both `a` and `a.b`, for b may be one."""
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield alias.name, node
        elif isinstance(node, ast.ImportFrom):
            package = path.relative_to(ROOT).with_suffix("").parts
            module = node.module or ""
            if node.level:
                module = ".".join((*package[: len(package) - node.level], *([module] if module else [])))
            yield module, node
            for alias in node.names:
                yield f"{module}.{alias.name}", node


def docstrings(path: Path) -> set[int]:
    """The ids of the string nodes that are docstrings."""
    found = set()
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef) and node.body:
            first = node.body[0]
            if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant):
                found.add(id(first.value))
    return found
