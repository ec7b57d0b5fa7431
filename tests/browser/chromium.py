"""A real Chromium with a profile on disk, which can be killed and opened again."""

import contextlib
import os
import shutil
import signal
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
        told = self.profile / "DevToolsActivePort"  # where it writes which door it took
        for _ in range(3):
            told.unlink(missing_ok=True)
            self.process = subprocess.Popen(
                [program(), *FLAGS, f"--user-data-dir={self.profile}",
                 "--remote-debugging-port=0", f"--window-size={width},{height}", "about:blank"],
                stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True,
            )  # fmt: skip
            port = self._port(told)
            if port:
                break
            self.kill()  # it ended by itself, or hangs: a start like any other
        url = f"http://127.0.0.1:{port}"
        browser = self.playwright.chromium.connect_over_cdp(url)
        page = browser.contexts[0].pages[0]
        page.set_viewport_size({"width": width, "height": height})
        page.set_default_timeout(60_000)
        return page

    def _port(self, told: Path) -> int:
        """The port of the debugger once it answers; 0 when the browser does not come up."""
        end = time.monotonic() + 40
        while time.monotonic() < end and self.process and self.process.poll() is None:
            with contextlib.suppress(OSError, ValueError, IndexError):
                port = int(told.read_text().splitlines()[0])
                with urllib.request.urlopen(f"http://127.0.0.1:{port}/json/version", timeout=5):
                    return port
            time.sleep(0.03)
        return 0

    def kill(self) -> None:
        """`kill -9` of the browser and all its children: nothing gets a last word."""
        if self.process is not None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
            self.process = None
        for lock in self.profile.glob("Singleton*"):
            lock.unlink()

    def quit(self, page: Page) -> None:
        """End as by its own menu: everything in its buffers is written down."""
        page.context.browser.new_browser_cdp_session().send("Browser.close")  # type: ignore[union-attr]
        if self.process is not None:
            self.process.wait(timeout=60)
            self.process = None

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
