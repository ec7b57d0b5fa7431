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
    """Each version of the ring, its fingerprint, and how many values in the database need it;
    below, retired ones that still open phones' files, and how many phones may hold such."""
    from lianhu.keeping.actions.retire import (  # noqa: PLC0415 - needs the settings
        list_retired,
        listed,
    )

    found = [
        {
            "version": version.number, "suite": version.suite.title, "made": version.made,
            "seals": seals, "values": values,
            "fingerprint": next(iter(version.fingerprints().values())),
        }
        for version, seals, values in listed()
    ]  # fmt: skip
    aside = list_retired()
    if as_json:
        gone = [
            {
                "version": one.number, "retired": one.since.date().isoformat(),
                "phones": one.phones, "values": 0,
            }
            for one in aside
        ]  # fmt: skip
        say(json.dumps([*gone, *found], ensure_ascii=False))
        return
    for one in aside:
        say(
            f"第 {one.number} 版  {one.since.date()} 停用，只还能打开手机存的文件；"
            f"从那以后没有消息的手机：{one.phones} 部"
        )
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
        if done.lost:
            say(f"有 {done.lost} 个值找不到本人的钥匙，谁也打不开：留在原处，不再占用哪一版。")
    if done.left:
        raise SystemExit(1)


@keys.command("retire")
@click.argument("version", type=int)
@as_json
@spoken
def retire_key(version: int, as_json: bool) -> None:
    """Take a version out of the ring that nothing in the database needs any more.

    Its secret goes into a file beside the ring: backups made under it need that file. Move it to
    where you keep keys for backups, or destroy it when the last such backup is gone. Files that
    phones made under it can still be imported, until `lianhu keys forget`.
    """
    from lianhu.keeping.actions.retire import retire  # noqa: PLC0415 - needs the settings

    aside = retire(version, at=timezone.now())
    words = (
        f"第 {version} 版不在钥匙文件里了。旧备份还要用它：{aside}，请移到别处保管。"
        "手机用它存的文件还能导入。"
    )
    say(json.dumps({"version": version, "file": str(aside)}) if as_json else words)


@keys.command("forget")
@click.argument("version", type=int)
@click.option("--anyway", is_flag=True, help="Also while phones may still hold such a file.")
@as_json
@spoken
def forget_key(version: int, anyway: bool, as_json: bool) -> None:
    """Give up what still opens phones' files of a retired version.

    It refuses while phones in use have not been heard from since the version was retired.
    """
    from lianhu.keeping.actions.retire import forget  # noqa: PLC0415 - needs the settings

    phones = forget(version, anyway=anyway, at=timezone.now())
    words = f"手机用第 {version} 版存的文件从此打不开了，要在手机上重新存。"
    say(json.dumps({"version": version, "phones": phones}) if as_json else words)


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
