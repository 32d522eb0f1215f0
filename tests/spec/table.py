"""Small tables as text: a heading, a rule of dashes, and one row a line, columns parted by `|`."""


def rows_of(table: str) -> list[dict[str, str]]:
    """The rows of a table as dicts by heading.

    >>> rows_of("a | b\\n--+--\\n1 |  ")
    [{'a': '1', 'b': ''}]
    """
    lines = [line for line in table.strip().splitlines() if line.strip() and set(line.strip()) - set("-+ ")]
    heading, *rows = ([cell.strip() for cell in line.split("|")] for line in lines)
    return [dict(zip(heading, row, strict=True)) for row in rows]
