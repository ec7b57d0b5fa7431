"""`lianhu audit …`: the ledger's chain."""

import json
import sys
from dataclasses import asdict
from pathlib import Path

import click
from django.utils import timezone
from tqdm import tqdm

from lianhu.cli.speaking import as_json, say, spoken


@click.group()
def audit() -> None:
    """The ledger's chain of seals."""


@audit.command("verify")
@click.option(
    "--head",
    "heads",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    multiple=True,
    help="A head kept elsewhere (`lianhu audit head`) that the ledger must still contain.",
)
@as_json
@spoken
def verify(heads: tuple[Path, ...], as_json: bool) -> None:
    """Read every sealed entry again and compare; exit code 1 when something is not as sealed.

    The latest head, kept beside the keys, is always compared.
    """
    from lianhu.audit.signing import head_file, read_head  # noqa: PLC0415 - needs the settings
    from lianhu.audit.verifying import verify_ledger  # noqa: PLC0415 - needs the settings
    from lianhu.kernel.errors import Refusal  # noqa: PLC0415 - needs the settings
    from lianhu.web.words import words_of  # noqa: PLC0415 - needs the settings

    own = [head_file()] if head_file().is_file() else []
    anchors = [read_head(path) for path in (*own, *heads)]
    with tqdm(unit=" 条", disable=None if not as_json else True) as bar:
        found = verify_ledger(heads=anchors, told=lambda n: _move(bar, n))
    faults = [
        asdict(f) | {"words": words_of(Refusal(f.code, seal=f.seal, detail=f.detail))}
        for f in found.faults
    ]
    if as_json:
        answer = {
            "good": found.good, "seals": found.seals, "entries": found.entries,
            "unsealed": found.unsealed, "anchors": len(anchors), "faults": faults,
            "head": asdict(found.head) if found.head else None,
        }  # fmt: skip
        say(json.dumps(answer, ensure_ascii=False))
    else:
        say("\n".join(str(f["words"]) for f in faults) or "台账完好。")
        say(f"{found.seals} 封 {found.entries} 条，还没封存 {found.unsealed} 条，"
            f"对照了 {len(anchors)} 个封头。")  # fmt: skip
    sys.exit(0 if found.good else 1)


def _move(bar: "tqdm[None]", number: int) -> None:
    bar.update(number)


@audit.command("head")
@click.option(
    "--to",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Where to write the head; copy this file to another machine.",
)
@as_json
@spoken
def head(to: Path | None, as_json: bool) -> None:
    """Seal what is new; print the head as a line to copy on paper, and write it to a file."""
    from lianhu.audit.sealing import latest_head, seal_all  # noqa: PLC0415 - needs the settings
    from lianhu.audit.signing import head_file, write_head  # noqa: PLC0415 - as above
    from lianhu.kernel.errors import Refusal  # noqa: PLC0415 - needs the settings

    seal_all(at=timezone.now())
    found = latest_head()
    if found is None:
        raise Refusal("audit.empty")
    path = to or head_file()
    write_head(found, path)
    if as_json:
        say(json.dumps(asdict(found) | {"file": str(path)}, ensure_ascii=False))
    else:
        say(f"{found.paper()}\n{path}")


@audit.command("seal")
@as_json
@spoken
def seal(as_json: bool) -> None:
    """Seal what is new; `lianhu serve` does it every few seconds by itself."""
    from lianhu.audit.sealing import seal_all  # noqa: PLC0415 - needs the settings

    sealed = seal_all(at=timezone.now())
    say(json.dumps({"sealed": sealed}) if as_json else f"封存了 {sealed} 条。")
