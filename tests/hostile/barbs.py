"""Words that somebody might write to break a page, a file, a statement or a line."""

from html.parser import HTMLParser

from tests.crawl.canaries import Cage, Canary

SCRIPT = "\"'><script>zap()</script><img src=x onerror=zap()>"
TURNED = "\u202egnp\u2066"  # from here on from right to left, and an isolate that never ends
SIGNS = "👩‍🌾𠮷𫝀"  # joined emoji; CJK extensions B and D
BARBS = (
    SCRIPT,
    TURNED,
    SIGNS,
    "\u05d0\u0645123\u200f",  # Hebrew, Arabic, a mark
    "{{ 7*7 }}{% debug %}${7*7}#{7*7}",
    "'; DROP TABLE people_household; --",
    "%_\\%[a-z]*",
    "../../../../etc/passwd",
    "=HYPERLINK(\"http://x\")",
    "a\r\nSet-Cookie: zap=1",
    "a\u0000b",
    "\ud83d",  # half of an emoji: no UTF-8 can hold it
    "\ufffe\uffff\U0010ffff",
    "e" + "\u0301" * 300,
    "𠮷" * 2_500,
    "好" * 40_000,
    "1e999", "-1", "NaN", "0x10", "１２３", "9" * 400, "٣", "²",
    "2026-02-30", "0000-00-00", "9999-12-31", "10000-01-01", "2026-11-23T25:61",
    "00000000-0000-0000-0000-000000000000", "610921", "61092110420001001", "*", " ", "\u3000", "",
    "null", "true", "[]", "{}", "__class__", "constructor",
)  # fmt: skip


class BarbedCage(Cage):
    """Hands out texts that also carry a script, turning signs and rare letters, as far as a column
    has room for them. The canary stands first, so that the crawl still knows whose a text is."""

    def text(self, canary: Canary, room: int) -> str:
        """A canary with barbs behind it."""
        plain = super().text(canary, room)
        return (plain + TURNED + SIGNS + SCRIPT)[:room]


class Page(HTMLParser):
    """A page as a browser takes it: its tags, and the texts outside of a form's own fields."""

    def __init__(self, text):
        super().__init__(convert_charrefs=True)
        self.obeyed, self.texts, self.area = [], [], False
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.area = tag == "textarea"
        given = dict(attrs)
        self.obeyed += [f"{tag} {k}" for k, v in attrs if "zap" in (v or "") and k[:2] == "on"]
        if tag in {"script", "img"} and given.get("src") in {None, "x"}:
            data = (given.get("type") or "").endswith("json")
            self.obeyed += [] if data else [f"<{tag}> {attrs}"]

    def handle_endtag(self, tag):
        self.area = self.area and tag != "textarea"

    def handle_data(self, data):
        if not self.area:
            self.texts.append(data)
