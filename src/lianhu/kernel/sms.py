"""Text messages, behind one interface: the county chooses a gateway by the setting LIANHU_SMS.

``console`` writes them to the standard output and only in a demo; ``http`` hands them to the
county's own gateway as JSON (``{"to", "text"}``, a bearer token). To add one: a function, a line in
GATEWAYS, what it needs in `find_sms_faults`. Messages go out beside the request, so that the time
of an answer says nothing about whether one went out.
"""

import json
import logging
import sys
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from urllib.parse import urlsplit
from urllib.request import HTTPErrorProcessor, Request, build_opener

from django.conf import settings

log = logging.getLogger("lianhu.sms")
SECONDS = 10
LOOPBACK = {"127.0.0.1", "localhost", "::1"}
_posted = ThreadPoolExecutor(max_workers=2, thread_name_prefix="sms")
_under_way: set[Future[None]] = set()


def send_later(to: str, text: str) -> None:
    """Send a message to a number, soon; a failure is in the log, without number and text. "" for
    nobody takes the same way."""
    handed = _posted.submit(_send, to, text)
    _under_way.add(handed)
    handed.add_done_callback(_under_way.discard)


def wait_until_sent() -> None:
    """Wait for messages handed over before."""
    wait(tuple(_under_way))


def has_gateway() -> bool:
    """Whether messages can go out at all."""
    return settings.LIANHU_SMS in GATEWAYS


def find_sms_faults() -> list[str]:
    """What keeps the chosen gateway from sending, or makes it unsafe, in words."""
    chosen = settings.LIANHU_SMS
    if not chosen:
        return []  # a county may do without: residents then come to the counter
    if chosen not in GATEWAYS:
        return [f"LIANHU_SMS 不认识“{chosen}”：可以是 {'、'.join(GATEWAYS)}，或者空着。"]
    if chosen == "console" and not settings.LIANHU_DEMO:
        return ["LIANHU_SMS=console 会把验证码写到屏幕上，只能用在演示里。"]
    return _http_faults() if chosen == "http" else []


def _http_faults() -> list[str]:
    address = urlsplit(settings.LIANHU_SMS_URL)
    faults = []
    safe = address.scheme == "https" or address.hostname in LOOPBACK
    if not address.hostname or not safe:
        faults.append("LIANHU_SMS=http 要有 LIANHU_SMS_URL：短信网关的 https 地址。")
    if not settings.LIANHU_SMS_TOKEN:
        faults.append("LIANHU_SMS=http 要有 LIANHU_SMS_TOKEN：短信网关给的口令。")
    return faults


def _send(to: str, text: str) -> None:
    if not to or not has_gateway():
        return
    try:
        GATEWAYS[settings.LIANHU_SMS](to, text)
    except (OSError, ValueError) as error:
        log.error("sms", extra={"error": type(error).__name__})  # noqa: TRY400 - a trace names it


def _console(to: str, text: str) -> None:
    if settings.LIANHU_DEMO:
        sys.stdout.write(f"[短信] {to} {text}\n")
        sys.stdout.flush()


class _Plain(HTTPErrorProcessor):
    """No redirect is followed: the message goes to the address of the setting or nowhere."""

    def http_response(self, request: Request, response):  # type: ignore[no-untyped-def]
        """Anything but success is a failure."""
        if not 200 <= response.code < 300:
            raise OSError(f"status {response.code}")
        return response

    https_response = http_response


def _http(to: str, text: str) -> None:
    if _http_faults():
        raise ValueError("not configured")
    request = Request(  # noqa: S310 - the scheme was checked
        settings.LIANHU_SMS_URL,
        data=json.dumps({"to": to, "text": text}, ensure_ascii=False).encode(),
        headers={
            "Content-Type": "application/json",
            "Authorization": f"Bearer {settings.LIANHU_SMS_TOKEN}",
        },
    )
    with build_opener(_Plain).open(request, timeout=SECONDS):
        pass


GATEWAYS: dict[str, Callable[[str, str], None]] = {"console": _console, "http": _http}
