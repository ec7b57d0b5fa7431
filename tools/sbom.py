"""Writes the bill of materials (CycloneDX 1.6) from the two locks: `python -m tools.sbom [--check]`.

Every package that an installation may hold, with the hashes that the installers check. It says
nothing that the locks do not say, no time of writing among it, so the same locks give the same file.
"""

import base64
import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import NAMESPACE_OID, uuid5

from tools.work import PHONE, ROOT, Stop, say

FILE = ROOT / "docs" / "reference" / "sbom.json"
LOCKS = (ROOT / "requirements.lock", PHONE / "package-lock.json")
_PINNED = re.compile(r"^([A-Za-z0-9._-]+)(?:\[[^\]]*\])?==([^\s;\\]+)")
_HASH = re.compile(r"--hash=sha256:([0-9a-f]{64})")
_NAMES = {"sha512": "SHA-512", "sha384": "SHA-384", "sha256": "SHA-256", "sha1": "SHA-1"}


def _component(name: str, version: str, purl: str, hashes: list[tuple[str, str]]) -> Any:
    if not hashes:
        raise Stop(f"{name} {version} has no hash in its lock.")
    return {
        "type": "library", "bom-ref": purl, "name": name, "version": version, "purl": purl,
        "hashes": [{"alg": alg, "content": content} for alg, content in sorted(set(hashes))],
    }  # fmt: skip


def python_packages(lock: Path) -> Iterator[Any]:
    """The packages of requirements.lock; a hash for each file that may be installed."""
    for entry in re.split(r"\n(?=\S)", lock.read_text()):
        if found := _PINNED.match(entry):
            name, version = found[1].lower(), found[2]
            hashes = [("SHA-256", text) for text in _HASH.findall(entry)]
            yield _component(name, version, f"pkg:pypi/{name}@{version}", hashes)


def phone_packages(lock: Path) -> Iterator[Any]:
    """The packages of the phone's package-lock.json; those that only build are marked."""
    for path, entry in json.loads(lock.read_text())["packages"].items():
        if not path or entry.get("link"):
            continue
        name, version = path.rpartition("node_modules/")[2], entry["version"]
        hashes = []
        for text in entry.get("integrity", "").split():
            alg, _, digest = text.partition("-")
            hashes.append((_NAMES[alg], base64.b64decode(digest).hex()))
        purl = f"pkg:npm/{name.replace('@', '%40')}@{version}"
        scope = {"scope": "excluded"} if entry.get("dev") else {}
        yield _component(name, version, purl, hashes) | scope


def bill(python: Path, phone: Path) -> str:
    """The whole document."""
    every = [*python_packages(python), *phone_packages(phone)]
    components = [c for _, c in sorted({c["purl"]: c for c in every}.items())]
    serial = uuid5(NAMESPACE_OID, json.dumps(components, sort_keys=True))
    document = {
        "bomFormat": "CycloneDX", "specVersion": "1.6", "serialNumber": f"urn:uuid:{serial}",
        "version": 1,
        "metadata": {"component": {"type": "application", "bom-ref": "lianhu", "name": "lianhu"}},
        "components": components,
    }  # fmt: skip
    return json.dumps(document, indent=1, ensure_ascii=False) + "\n"


def main() -> None:
    """Writes the file, or with --check only compares."""
    text = bill(*LOCKS)
    if "--check" not in sys.argv[1:]:
        FILE.write_text(text)
        say(f"{FILE.relative_to(ROOT)}: {text.count('bom-ref') - 1} packages")
    elif not FILE.is_file() or FILE.read_text() != text:
        raise Stop("docs/reference/sbom.json is not what the locks say: run `make sbom`.")


if __name__ == "__main__":
    main()
