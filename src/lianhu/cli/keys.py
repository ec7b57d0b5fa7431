"""`lianhu keys …`: the ring that seals personal fields."""

import json
from dataclasses import asdict
from pathlib import Path

import click
from django.utils import timezone
from tqdm import tqdm

from lianhu.cli.speaking import as_json, say, spoken


@click.group(invoke_without_command=True)
@click.pass_context
@spoken
def keys(context: click.Context) -> None:
    """Make the key ring named by LIANHU_KEYS, if there is none; list, rotate, retire its versions."""
    if context.invoked_subcommand is not None:
        return
    from django.conf import settings  # noqa: PLC0415 - needs the settings

    from lianhu.kernel.keyring import make_ring  # noqa: PLC0415 - needs the settings

    make_ring(settings.LIANHU_KEYS)
    say(str(settings.LIANHU_KEYS))


@keys.command("list")
@as_json
@spoken
def list_keys(as_json: bool) -> None:
    """Each version of the ring, its fingerprint, and how many values in the database need it."""
    from lianhu.keeping.actions.retire import listed  # noqa: PLC0415 - needs the settings

    found = [
        {
            "version": version.number, "suite": version.suite.title, "made": version.made,
            "seals": seals, "values": values,
            "fingerprint": next(iter(version.fingerprints().values())),
        }
        for version, seals, values in listed()
    ]  # fmt: skip
    if as_json:
        say(json.dumps(found, ensure_ascii=False))
        return
    for row in found:
        say(
            f"第 {row['version']} 版  {row['suite']}  {row['made'] or '早先'}  指纹 "
            f"{row['fingerprint']}  {row['values']} 个值{'  现在用它封存' if row['seals'] else ''}"
        )


@keys.command("rotate")
@as_json
@spoken
def rotate_keys(as_json: bool) -> None:
    """Seal everything anew under a new version, while everybody goes on working.

    Cut off, it goes on at the next call. The suite is that of LIANHU_SUITE. Exit code 1 when
    some rows were held by others the whole time: call it again.
    """
    from lianhu.keeping.actions.rotate import rotate  # noqa: PLC0415 - needs the settings

    with tqdm(unit="", disable=True if as_json else None) as bar:

        def told(part: str, step: int) -> None:
            bar.set_description(part, refresh=False)
            bar.update(step)

        done = rotate(at=timezone.now(), told=told)
    if as_json:
        say(json.dumps(asdict(done), ensure_ascii=False))
    else:
        begun = "接着上次的换" if done.resumed else "换"
        say(f"{begun}成第 {done.version} 版：{done.rows} 行，用了 {done.seconds} 秒。")
        if done.left:
            say(f"还有 {done.left} 个值没换上：有人正在改。请再运行一次。")
    if done.left:
        raise SystemExit(1)


@keys.command("retire")
@click.argument("version", type=int)
@as_json
@spoken
def retire_key(version: int, as_json: bool) -> None:
    """Take a version out of the ring that nothing in the database needs any more.

    Its secret goes into a file beside the ring: backups made under it need that file. Move it to
    where you keep keys for backups, or destroy it when the last such backup is gone.
    """
    from lianhu.keeping.actions.retire import retire  # noqa: PLC0415 - needs the settings

    aside = retire(version, at=timezone.now())
    words = f"第 {version} 版不在钥匙文件里了。旧备份还要用它：{aside}，请移到别处保管。"
    say(json.dumps({"version": version, "file": str(aside)}) if as_json else words)


@keys.command("return")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@as_json
@spoken
def return_key(file: Path, as_json: bool) -> None:
    """Put a retired version into the ring again, to restore a backup that was made under it."""
    from lianhu.keeping.actions.retire import bring_back  # noqa: PLC0415 - needs the settings

    number = bring_back(file, at=timezone.now())
    words = f"第 {number} 版又在钥匙文件里了，只用来打开。恢复以后请运行 lianhu keys rotate。"
    say(json.dumps({"version": number}) if as_json else words)
