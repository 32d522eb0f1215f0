"""Modules, functions and signatures stay small; where one is better large, its reason stands with it."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

from tests.rules.repository import CODE, place, python_files

LINES_OF_MODULE, LINES_OF_FUNCTION, PARAMETERS = 500, 60, 6
#: The comment lines directly above a function, or a sentence of a module's docstring, begin so.
LONG, MANY = "Long because ", "Many parameters because "


def comment_above(lines: list[str], node: ast.FunctionDef | ast.AsyncFunctionDef) -> str:
    """The comment that stands directly above a function and its decorators."""
    first = min([node.lineno, *(one.lineno for one in node.decorator_list)]) - 2
    found = []
    while first >= 0 and lines[first].lstrip().startswith("#"):
        found.append(lines[first].lstrip().lstrip("#").strip())
        first -= 1
    return " ".join(reversed(found))


def parameters(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    named = (*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs)
    return sum(1 for one in named if one.arg not in ("self", "cls"))


def too_large(path: Path, source: str) -> Iterator[str]:
    """What of a file is over a limit without its reason."""
    lines = source.splitlines()
    module = ast.parse(source)
    if len(lines) > LINES_OF_MODULE and LONG not in (ast.get_docstring(module) or ""):
        yield f"{path}: {len(lines)} lines"
    for node in ast.walk(module):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            reasons = comment_above(lines, node)
            length = (node.end_lineno or node.lineno) - node.lineno + 1
            if length > LINES_OF_FUNCTION and LONG not in reasons:
                yield f"{path}:{node.lineno} {node.name}: {length} lines"
            if parameters(node) > PARAMETERS and MANY not in reasons:
                yield f"{path}:{node.lineno} {node.name}: {parameters(node)} parameters"


def test_modules_functions_and_signatures_are_small() -> None:
    assert not [
        fault
        for path in python_files(*CODE)
        for fault in too_large(Path(place(path)), path.read_text(encoding="utf-8"))
    ]


def test_what_is_too_large_is_found_and_a_reason_counts() -> None:
    many = "def f(a, b, c, d, e, f, g):\n    return a\n"
    long = "def g():\n" + "    x = 1\n" * LINES_OF_FUNCTION
    assert len(list(too_large(Path("a.py"), many + long))) == 2
    reasons = f"# {MANY}they are options.\n{many}# {LONG}it is a table.\n{long}"
    assert not list(too_large(Path("a.py"), reasons))
    module = "x = 1\n" * (LINES_OF_MODULE + 1)
    assert list(too_large(Path("a.py"), module))
    assert not list(too_large(Path("a.py"), f'"""A table. {LONG}it is one."""\n{module}'))
