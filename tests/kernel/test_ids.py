"""Identifiers are what RFC 9562 calls version 7: they sort by time, the rest is random."""

import time
from uuid import RFC_4122

from lianhu.kernel.ids import uuid7


def test_a_uuid_says_its_version_and_its_moment():
    before, made, after = time.time(), uuid7(), time.time()
    assert (made.version, made.variant) == (7, RFC_4122)
    assert int(before * 1000) <= made.int >> 80 <= int(after * 1000)


def test_every_other_bit_is_random():
    made = [uuid7().int & (1 << 80) - 1 for _ in range(400)]
    ever, always = 0, (1 << 80) - 1
    for value in made:
        ever, always = ever | value, always & value
    assert ever == (1 << 80) - 1 & ~(0x8 << 76 | 0x1 << 62)
    assert always == 0x7 << 76 | 0x2 << 62
