"""Codes of places: level, ancestors and ranges. Pure.

Source: GB/T 2260 (county), GB/T 10114 (town, village), then two digits for a group and three for
a grid, which are ours.
"""

LEVELS = {6: "county", 9: "town", 12: "village", 14: "group", 17: "grid"}


def level_of(code: str) -> str:
    """The level that the length of a code tells; "" for no code at all."""
    return LEVELS.get(len(code), "") if code.isascii() and code.isdigit() else ""


def ancestors(code: str) -> list[str]:
    """The codes above, widest first, the code itself last."""
    return [code[:length] for length in LEVELS if length <= len(code)]


def parent_of(code: str) -> str:
    """The code of the next wider place; "" for a county."""
    above = ancestors(code)
    return above[-2] if len(above) > 1 else ""


def national_code(code: str) -> str:
    """The 12-digit form used outside: 610921 becomes 610921000000."""
    return code[:12].ljust(12, "0")
