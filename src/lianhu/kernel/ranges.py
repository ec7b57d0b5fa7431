"""Prefixes of digits as ranges, which every index and every collation understands. Pure."""

from lianhu.kernel.errors import NotPermitted

LONGEST = 20  # digits; no code is longer


def prefix_range(prefix: str) -> tuple[str, str]:
    """First text (inclusive) and end (exclusive) of all texts of digits that begin with `prefix`.

    The end is the next number of the same width, not the prefix with a high sign appended:
    PostgreSQL's language collations do not sort signs after digits. Refuses ``place.not_found``
    for what is no code: it may come straight from an address bar.
    """
    if not (prefix.isascii() and prefix.isdigit()):
        raise NotPermitted("place.not_found")
    if not prefix.strip("9"):
        return prefix, "9" * LONGEST
    return prefix, str(int(prefix) + 1).zfill(len(prefix))
