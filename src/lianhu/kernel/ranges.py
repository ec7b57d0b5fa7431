"""Prefixes of digits as ranges, which every index and every collation understands. Pure."""


def prefix_range(prefix: str) -> tuple[str, str]:
    """First text (inclusive) and end (exclusive) of all texts of digits that begin with `prefix`.

    The end is the next number of the same width, not the prefix with a high sign appended:
    PostgreSQL's language collations do not sort signs after digits.
    """
    return prefix, str(int(prefix) + 1).zfill(len(prefix))
