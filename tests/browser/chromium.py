"""A real Chromium with a profile on disk, which can be killed and opened again."""

import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Page, Playwright

FLAGS = (
    "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
    "--disable-dev-shm-usage", "--lang=zh-CN", "--hide-scrollbars",
)  # fmt: skip


def program() -> str:
    """Where Debian, or the system, keeps Chromium."""
    found = shutil.which("chromium") or shutil.which("google-chrome")
    if found is None:
        raise RuntimeError("chromium is missing: apt-get install chromium")
    return found


class Chromium:
    """One browser over one profile folder; `kill` is what a flat battery does."""

    def __init__(self, playwright: Playwright) -> None:
        self.playwright = playwright
        self.profile = Path(tempfile.mkdtemp(prefix="lianhu-chromium-"))
        self.process: subprocess.Popen[bytes] | None = None

    def open(self, *, width: int = 360, height: int = 780) -> Page:
        """Start the browser over the profile and give a page of this size."""
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        self.process = subprocess.Popen(
            [program(), *FLAGS, f"--user-data-dir={self.profile}",
             f"--remote-debugging-port={port}", f"--window-size={width},{height}", "about:blank"],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True,
        )  # fmt: skip
        url = f"http://127.0.0.1:{port}"
        for _ in range(200):
            try:
                with urllib.request.urlopen(f"{url}/json/version", timeout=1):  # noqa: S310
                    break
            except OSError:
                time.sleep(0.1)
        browser = self.playwright.chromium.connect_over_cdp(url)
        page = browser.contexts[0].pages[0]
        page.set_viewport_size({"width": width, "height": height})
        page.set_default_timeout(60_000)
        return page

    def kill(self) -> None:
        """`kill -9` of the browser and all its children: nothing gets a last word."""
        if self.process is not None:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
            self.process = None
        for lock in self.profile.glob("Singleton*"):
            lock.unlink()

    def remove(self) -> None:
        """Stop and forget the profile."""
        self.kill()
        shutil.rmtree(self.profile, ignore_errors=True)


@contextmanager
def chromium(playwright: Playwright) -> Iterator[Chromium]:
    """A browser that is gone afterwards."""
    browser = Chromium(playwright)
    try:
        yield browser
    finally:
        browser.remove()
