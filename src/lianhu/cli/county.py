"""`lianhu county start`, and the way back for a county whose only data officer lost everything."""

import json

import click

from lianhu.cli.speaking import as_json, say, spoken


@click.group()
def county() -> None:
    """The county that this database holds."""


@county.command()
@click.argument("code")
@click.option("--name", required=True, help="The first data officer's own name.")
@click.option("--username", required=True, help="What they sign in with: letters and digits.")
@as_json
@spoken
def start(code: str, name: str, username: str, as_json: bool) -> None:
    """Begin a real county in an empty database: its published places, and the account of its
    first data officer, who opens all others at the desk. Prints a one-time password, once."""
    from lianhu.cli.starting import start_county  # noqa: PLC0415 - needs the settings
    from lianhu.keeping.guards import bring_up_to_date  # noqa: PLC0415 - as above

    bring_up_to_date()
    begun = start_county(code, name, username)
    if as_json:
        say(json.dumps(begun, ensure_ascii=False))
    else:
        say(
            f"{begun['county']}：{begun['places']} 个地方已经写好。\n"
            f"数据员 {name} 的登录名 {username}，一次性密码 {begun['password']}\n"
            "密码只显示这一次，第一次登录就要换掉。接着：在工作台开通账号、导入户籍、划分网格。"
        )


@county.command()
@click.argument("username")
@as_json
@spoken
def clear_second(username: str, as_json: bool) -> None:
    """Take away the second factors of somebody, when no two people at the desk can: by whoever
    holds this machine. The ledger says so; the next sign-in sets one up anew."""
    from lianhu.cli.starting import clear_second_of  # noqa: PLC0415 - needs the settings

    name = clear_second_of(username)
    if as_json:
        say(json.dumps({"name": name}, ensure_ascii=False))
    else:
        say(f"{name} 的第二道验证已清除，登录都已结束；下次登录重新设。台账记下了这件事。")
