"""Phones as processes: the app's own outbox and uploader (`phone/main.ts`), on disk, killed at will."""

import base64
import contextlib
import io
import json
import os
import queue
import shutil
import signal
import subprocess
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from PIL import Image

from tools.work import environment

HERE = Path(__file__).parent
BUNDLE = HERE / "phone" / "bundle.mjs"
PATIENCE = 60


def _node() -> str:
    """The Node that the set-up settled on."""
    found = shutil.which("node", path=environment()["PATH"])
    assert found, "no Node: run the set-up"
    return found


def bundle(out: Path, *changes: tuple[str, str, str]) -> Path:
    """The phone as one file; `changes` are (end of a file's name, text, other text)."""
    words = [word for change in changes for word in change]
    done = subprocess.run(
        [_node(), str(BUNDLE), str(out), *words], capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise RuntimeError(done.stderr)
    return out


@dataclass
class Written:
    """A letter for which a screen said 已存本机."""

    phone: str
    id: str
    sha256: str
    seq: int
    media: list[str]
    n: int
    kind: str = ""
    place: str = ""


@dataclass
class Phone:
    """One phone: its process, its file, and what it promised its owner."""

    name: str
    folder: Path
    script: Path
    port: int
    written: dict[str, Written] = field(default_factory=dict)
    refused: list[str] = field(default_factory=list)
    kills: int = 0
    process: subprocess.Popen[str] | None = None

    def start(self) -> None:
        """Start the process, over whatever its file holds."""
        self.answers: queue.Queue[dict[str, Any]] = queue.Queue()
        with (self.folder / f"{self.name}.err").open("a") as errors:
            self.process = subprocess.Popen(
                [_node(), "--no-warnings", str(self.script),
                 str(self.folder / f"{self.name}.idb"), f"http://127.0.0.1:{self.port}"],
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, stderr=errors,
                start_new_session=True,
            )  # fmt: skip
        threading.Thread(
            target=self._listen, args=(self.process, self.answers), daemon=True
        ).start()

    def _listen(
        self, process: subprocess.Popen[str], answers: "queue.Queue[dict[str, Any]]"
    ) -> None:
        assert process.stdout is not None
        with process.stdout as lines:
            for line in lines:
                try:
                    self._hear(json.loads(line), answers)
                except ValueError:  # killed in the middle of a word: it was not said
                    continue

    def _hear(self, said: dict[str, Any], answers: "queue.Queue[dict[str, Any]]") -> None:
        if "saved" in said:
            self.written[said["saved"]] = Written(
                self.name, said["saved"], said["sha256"], said["seq"], said["media"],
                said["n"],
            )  # fmt: skip
        elif "failed" in said:
            self.refused.append(said["why"])
        else:
            answers.put(said)

    def ask(self, what: str, **more: Any) -> None:
        """Tell the phone to do something; a dead one does nothing."""
        process = self.process
        if process is None or process.stdin is None or process.poll() is not None:
            return
        try:
            process.stdin.write(json.dumps({"do": what, **more}) + "\n")
            process.stdin.flush()
        except OSError:
            pass

    def wait(self, key: str, seconds: float = PATIENCE) -> dict[str, Any]:
        """The next answer that has a key."""
        until = time.monotonic() + seconds
        while (left := until - time.monotonic()) > 0:
            try:
                said = self.answers.get(timeout=left)
            except queue.Empty:
                break
            if key in said:
                return said
        raise TimeoutError(f"{self.name} said no {key}")

    def enrol(self, token: str, tries: int = 30) -> None:
        """Enrol by a one-time token; a busy office is asked again."""
        for _ in range(tries):
            self.ask("enrol", token=token)
            said = self.wait("enrolled")["enrolled"]
            if said is True:
                return
            if said["status"] not in (0, 503):
                break
            time.sleep(1)
        raise RuntimeError(f"{self.name} not enrolled: {said}")

    def tell(self) -> dict[str, Any]:
        """What the phone holds now."""
        self.ask("tell", n=0)
        return self.wait("told")

    def kill(self) -> None:
        """`kill -9`, in the middle of whatever it does."""
        if self.process is not None and self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
            self.kills += 1
        if self.process is not None and self.process.stdin is not None:
            with contextlib.suppress(OSError):
                self.process.stdin.close()

    def close(self) -> None:
        """End the process for good."""
        self.kill()


def photo(number: int) -> str:
    """A small JPEG, each another, as base64."""
    content = io.BytesIO()
    picture = Image.effect_noise((90, 60), 20 + number % 80).convert("RGB")
    picture.putpixel((number % 90, number // 90 % 60), (255, 0, 0))
    picture.save(content, "JPEG", quality=80)
    return base64.b64encode(content.getvalue()).decode()
