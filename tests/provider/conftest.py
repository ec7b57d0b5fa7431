"""Provider processes, honest and lying, and the product pointed at one of them."""

import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator

import pytest

from lianhu.kernel.provider import forget_provider
from tests.provider.served import CLIENT, SECRET


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


class Provider:
    """One provider process; `become` says who comes next."""

    def __init__(self, lie: str = "") -> None:
        self.port = _free_port()
        self.issuer = f"http://127.0.0.1:{self.port}"
        self.process = subprocess.Popen(
            [sys.executable, "-W", "ignore", "-m", "tests.provider.served", str(self.port), lie],
            env=os.environ | {"AUTHLIB_INSECURE_TRANSPORT": "1"},
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        self._wait()

    def _wait(self) -> None:
        end = time.monotonic() + 60
        while time.monotonic() < end:
            with socket.socket() as door:
                if door.connect_ex(("127.0.0.1", self.port)) == 0:
                    return
            time.sleep(0.05)
        raise TimeoutError

    def become(self, subject: str) -> None:
        self.visit(f"{self.issuer}/as/{subject}")

    def visit(self, address: str) -> str:
        """Go to the provider as a browser does; the address that it sends back to."""
        opener = urllib.request.build_opener(_Stay)
        with opener.open(address, timeout=30) as answer:
            return answer.headers.get("Location", "")

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait(timeout=30)


class _Stay(urllib.request.HTTPErrorProcessor):
    """Redirects are the browser's to follow."""

    def http_response(self, request, response):
        return response


@pytest.fixture(scope="session")
def honest() -> Iterator[Provider]:
    found = Provider()
    yield found
    found.stop()


@pytest.fixture
def use(settings) -> Iterator[Callable[[str], None]]:
    """Point the product at an issuer."""

    def point(issuer: str) -> None:
        settings.LIANHU_OIDC_ISSUER, settings.LIANHU_OIDC_CLIENT = issuer, CLIENT
        settings.LIANHU_OIDC_SECRET = SECRET
        forget_provider()

    yield point
    forget_provider()


@pytest.fixture
def provider(honest: Provider, use: Callable[[str], None]) -> Provider:
    use(honest.issuer)
    return honest


@pytest.fixture
def lying(use: Callable[[str], None]) -> Iterator[Callable[[str], Provider]]:
    """A provider that lies in one way."""
    begun: list[Provider] = []

    def lie(how: str) -> Provider:
        begun.append(Provider(how))
        use(begun[-1].issuer)
        return begun[-1]

    yield lie
    for found in begun:
        found.stop()
