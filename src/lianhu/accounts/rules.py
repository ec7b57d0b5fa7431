"""What a phone says of its own outbox; one-time codes; what of a browser may be shown. Pure."""

import hmac
from base64 import b32encode
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from ipaddress import ip_address, ip_network
from typing import Any
from urllib.parse import quote

from lianhu.kernel.catalogue import in_force, read


def terms(on: date) -> dict[str, Any]:
    """How people come in on a day: lengths and times of catalogue/signing_in.toml."""
    return in_force(read("signing_in.toml")["versions"], on)


@dataclass(frozen=True, slots=True)
class Told:
    """The highest number that a phone has given a letter, and its photos that still wait."""

    newest_seq: int | None = None
    photos_waiting: int = 0


def asks_digits(on: date, *, demo: bool) -> bool:
    """Whether each phone asks on that day for six digits of the person's own before its copy
    opens."""
    now = in_force(read("phones.toml")["pin"], on)
    return bool(now["asked_in_demo" if demo else "asked"])


def enrol_text(token: str, public_key: str) -> str:
    """What a phone signs to show that the key it brings is its own."""
    return f"lianhu enrol/1\n{token}\n{public_key}"


def renewal_text(device: str, challenge: str, successor: str) -> str:
    """What a phone signs to take a new credential, of which it tells the SHA-256 only."""
    return f"lianhu credential/1\n{device}\n{challenge}\n{successor}"


DIGITS = 6


def code_at(secret: bytes, step: int, digits: int = DIGITS) -> str:
    """The one-time code of a time step (RFC 6238 with HMAC-SHA-1, which every app knows)."""
    mac = hmac.digest(secret, step.to_bytes(8, "big"), "sha1")
    start = mac[-1] & 0x0F
    number = int.from_bytes(mac[start : start + 4], "big") & 0x7FFFFFFF
    return str(number % 10**digits).zfill(digits)


def step_of_code(secret: bytes, code: str, now: int, drift: int) -> int | None:
    """The step, at most `drift` away from `now`, whose code this is; every one is compared, so
    that the time tells nothing."""
    found = None
    for step in range(now - drift, now + drift + 1):
        if hmac.compare_digest(code_at(secret, step).encode(), code.encode()):
            found = step
    return found


def key_uri(secret: bytes, username: str, county: str) -> str:
    """What a code app reads from a QR code."""
    label = quote(f"{county}联户:{username}")
    issuer = quote(f"{county}联户")
    return f"otpauth://totp/{label}?secret={b32encode(secret).decode()}&issuer={issuer}"


def signs_left(password: str, words: Iterable[str]) -> int:
    """How many signs a password has beside some words, the longest taken out first; whatever the
    case."""
    left = password.lower()
    for word in sorted({word.lower() for word in words if word}, key=len, reverse=True):
        left = left.replace(word, "")
    return len(left)


# The first that fits: browsers name their ancestors too.
BROWSERS = (
    ("MicroMessenger", "微信"), ("Edg/", "Edge"), ("QQBrowser", "QQ浏览器"),
    ("360SE", "360浏览器"), ("QIHU", "360浏览器"), ("Firefox/", "Firefox"), ("OPR/", "Opera"),
    ("Chrome/", "Chrome"), ("Safari/", "Safari"),
)  # fmt: skip
SYSTEMS = (
    ("Windows", "Windows"), ("Android", "安卓手机"), ("iPhone", "苹果手机"), ("iPad", "苹果平板"),
    ("Mac OS X", "苹果电脑"), ("UOS", "统信"), ("Kylin", "麒麟"), ("Linux", "Linux"),
)  # fmt: skip


def agent_family(header: str) -> str:
    """The family of a browser and its system, in words: enough to know one's own again."""
    browser = next((words for mark, words in BROWSERS if mark in header), "别的浏览器")
    system = next((words for mark, words in SYSTEMS if mark in header), "")
    return f"{browser} · {system}" if system else browser


def coarse_network(address: str) -> str:
    """Roughly where a request came from: half of an IPv4 address, a third of an IPv6 one."""
    try:
        found = ip_address(address)
    except ValueError:
        return ""
    if found.is_loopback:
        return "本机"
    mapped = found.ipv4_mapped if found.version == 6 else None
    if found.version == 4 or mapped:
        return ".".join(str(mapped or found).split(".")[:2]) + ".*.*"
    return ":".join(found.exploded.split(":")[:3]) + ":…"


def counted_address(address: str) -> str:
    """The address by which tries are counted: of IPv6 the /64, since one line has all of it."""
    try:
        found = ip_address(address)
    except ValueError:
        return address
    if found.version == 6 and found.ipv4_mapped:
        return str(found.ipv4_mapped)
    return address if found.version == 4 else str(ip_network(f"{found}/64", strict=False))
