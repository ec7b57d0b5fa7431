"""Random inputs to every route: addresses, queries, headers, forms, files and JSON, by Hypothesis.

A draw takes a caller and a method for a route, fills the fields of the page's own form with what the
page offers, and puts something else into some of them. What a call writes is rolled back.
"""

import hashlib
import json
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, quote, urlencode

from hypothesis import strategies as st

from tests.crawl.calls import Call
from tests.crawl.crawl import Crawl
from tests.crawl.routes import SRC, Route, fields_of
from tests.hostile.barbs import BARBS

WORDS = st.one_of(
    st.sampled_from(BARBS),
    st.text(max_size=60),
    st.text(st.characters(categories=("Cc", "Cf", "Cs", "Co", "Mn")), max_size=8),
    st.integers().map(str),
    st.floats().map(str),
    st.dates().map(str),
    st.uuids().map(str),
)
JSON = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), WORDS),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(WORDS, inner, max_size=3)
    ),
    max_leaves=6,
)
METHODS = ("GET", "GET", "POST", "POST", "POST", "PUT", "HEAD", "PATCH", "DELETE", "OPTIONS")
BODIES = ("POST", "PUT", "PATCH")
HEADERS = (
    "HTTP_HX_REQUEST", "HTTP_ACCEPT_LANGUAGE", "HTTP_RANGE", "HTTP_IF_NONE_MATCH", "HTTP_COOKIE",
    "HTTP_IF_MODIFIED_SINCE", "HTTP_CONTENT_ENCODING", "HTTP_X_FORWARDED_FOR", "HTTP_REFERER",
    "HTTP_AUTHORIZATION", "HTTP_HX_TRIGGER", "HTTP_ACCEPT", "HTTP_ORIGIN",
)  # fmt: skip
FILES = (
    b"", b"\xff\xd8\xff\xe0\x00\x10JFIF", b"\x89PNG\r\n\x1a\n", b"PK\x03\x04",
    b"PK\x05\x06" + b"\0" * 18, b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"%PDF-1.7", b"GIF89a",
    b"\x1f\x8b\x08", b"<svg onload=zap()>",
    "姓名,身份证号\n张三,1\n".encode("gbk"), "姓名\t电话\n\u202e\t1\n".encode(), b"\xff\xfe\x00\x00",
)  # fmt: skip
NAMED = re.compile(r"<input\b[^>]*type=\"file\"[^>]*>")
FILE_FIELDS = sorted(
    {
        name
        for page in Path(SRC).glob("*/templates/**/*.html")
        for tag in NAMED.findall(page.read_text())
        for name in re.findall(r'name="([^"]+)"', tag)
    }
)
EDGE = "zap-zap-zap"


@st.composite
def calls(draw: Any, crawl: Crawl, route: Route) -> Call:
    """One call of a route, as anybody."""
    maker = crawl.maker
    caller = draw(st.sampled_from(crawl.callers))
    method = draw(st.sampled_from(METHODS))
    throw = draw(st.integers(0, 9_999))
    if method in BODIES and not route.is_api:
        crawl.form_of(maker.make(route, caller, "GET", "own"))
    # What is named, the crawl's own dice choose; Hypothesis says which throw.
    maker.dice.seed(throw)
    call = maker.make(route, caller, method, draw(st.sampled_from(("own", "own", "foreign"))))
    if route.names and draw(st.integers(0, 5)) == 0:
        named = {name: quote(_bytes(draw(WORDS)), safe="") for name in route.names}
        call = replace(call, path="/" + route.path.format(**named).replace("\\", ""))
    if draw(st.integers(0, 3)) == 0:
        names = st.sampled_from(fields_of(route.module) or ("page",))
        pairs = draw(st.lists(st.tuples(names | WORDS, WORDS), min_size=1, max_size=4))
        call = replace(call, query=_encoded(pairs))
    if draw(st.integers(0, 7)) == 0:
        name = draw(st.sampled_from(HEADERS))
        # A server hands headers over as Latin-1 without line ends.
        value = _bytes(draw(WORDS)).decode("latin-1").translate(dict.fromkeys((0, 10, 13)))
        said = replace(caller, headers=caller.headers | {name: value[:4_000]})
        call = replace(call, caller=said, headers={})
    if method in BODIES:
        call = _json(draw, call) if route.is_api else _form(draw, call)
    return call


def _bytes(text: str) -> bytes:
    """As a client sends it; half an emoji goes out as three bytes that are no UTF-8."""
    return text.encode("utf-8", "surrogatepass")


def _encoded(pairs: list[tuple[str, str]]) -> str:
    return urlencode([(_bytes(name), _bytes(value)) for name, value in pairs])


def _form(draw: Any, call: Call) -> Call:
    pairs = parse_qsl(call.body.decode(), keep_blank_values=True)
    for _ in range(draw(st.integers(0, 3))):
        value = draw(WORDS)
        if pairs and draw(st.integers(0, 4)):
            at = draw(st.integers(0, len(pairs) - 1))
            pairs[at] = pairs[at][0], value
        else:
            pairs.append((draw(WORDS), value))
    if draw(st.integers(0, 5)):
        return replace(call, body=_encoded(pairs).encode())
    parts = [_part(name, "", _bytes(value)) for name, value in pairs] + [
        _part(draw(st.sampled_from(FILE_FIELDS)), draw(WORDS), draw(st.sampled_from(FILES)))
    ]
    body = b"".join(parts) + f"--{EDGE}--\r\n".encode()
    return replace(call, body=body, kind=f"multipart/form-data; boundary={EDGE}")


def _part(name: str, file: str, value: bytes) -> bytes:
    said = f'name="{name}"' + (f'; filename="{file}"' if file else "")
    return (
        _bytes(f"--{EDGE}\r\nContent-Disposition: form-data; {said}\r\n\r\n") + value + b"\r\n"
    )


def _json(draw: Any, call: Call) -> Call:
    if call.kind != "application/json" or draw(st.integers(0, 9)) == 0:
        return replace(call, body=draw(st.binary(max_size=200)))
    content = json.loads(call.body)
    _spoil(draw, content)
    letters = content.get("letters") if isinstance(content, dict) else None
    for letter in letters if isinstance(letters, list) else ():
        if (
            isinstance(letter, dict)
            and isinstance(letter.get("text"), str)
            and draw(st.booleans())
        ):
            _write_anew(draw, letter)
    return replace(call, body=json.dumps(content).encode())


def _write_anew(draw: Any, letter: dict[str, Any]) -> None:
    """Spoil what a letter says, and name it by what it says now."""
    try:
        said = json.loads(letter["text"])
    except ValueError:
        return
    _spoil(draw, said)
    letter["text"] = json.dumps(said)
    letter["sha256"] = hashlib.sha256(letter["text"].encode()).hexdigest()


def _spoil(draw: Any, content: Any) -> None:
    for _ in range(draw(st.integers(0, 3))):
        spots = list(_spots(content))
        if spots:
            holder, key = draw(st.sampled_from(spots))
            holder[key] = draw(JSON)


def _spots(content: Any) -> Iterator[tuple[Any, Any]]:
    """Every place of a JSON value that can hold another; a bare word or number has none."""
    if not isinstance(content, dict | list):
        return
    keys = content if isinstance(content, dict) else range(len(content))
    for key in keys:
        yield content, key
        if isinstance(content[key], dict | list):
            yield from _spots(content[key])
