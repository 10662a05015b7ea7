"""Positions in an expression, as people count."""


def place(expression: str, position: int) -> str:
    r"""Where a character stands, counted from 1, with its line where the expression has several.

    Args:
        expression: the text.
        position: counted in characters from 0.

    >>> place("sum(x]", 5), place("sum(\n  x]", 8)
    ('at character 6', 'at line 2, character 4')
    """
    begin = expression.rfind("\n", 0, position) + 1
    if "\n" not in expression.rstrip("\n"):
        return f"at character {position + 1}"
    return f"at line {expression.count(chr(10), 0, position) + 1}, character {position - begin + 1}"
