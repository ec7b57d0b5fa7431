"""How every command answers: in words or as JSON, with exit code 1 for a refusal."""

import json
import sys
from collections.abc import Callable
from functools import wraps
from typing import Any

import click


def spoken(command: Callable[..., Any]) -> Callable[..., Any]:
    """Turn a refusal into words on standard error, or into JSON, and exit code 1."""

    @wraps(command)
    def run(*args: Any, **kwargs: Any) -> Any:
        from lianhu.kernel.errors import Refusal  # noqa: PLC0415 - needs the settings
        from lianhu.web.words import words_of  # noqa: PLC0415 - needs the settings

        try:
            return command(*args, **kwargs)
        except Refusal as refusal:
            if kwargs.get("as_json"):
                say(
                    json.dumps(
                        {"code": refusal.code, "words": words_of(refusal)}, ensure_ascii=False
                    )
                )
            else:
                click.echo(f"{words_of(refusal)}（{refusal.code}）", err=True)
            sys.exit(1)

    return run


def say(text: str) -> None:
    """Print one answer."""
    click.echo(text)


as_json = click.option("--json", "as_json", is_flag=True, help="For machines.")
