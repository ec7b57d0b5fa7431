"""Every expected failure: something a person can cause and put right.

A `Refusal` carries a stable, public code; doors turn it into words from `catalogue/refusals.toml`
(desk: a message, phone: a needs-attention card, API: a problem document). Anything else that
escapes is a bug and is left to crash.
"""


class Refusal(Exception):  # noqa: N818 - it is a refusal, not an error
    """An operation was asked for and politely declined; `code` is public and stable."""

    def __init__(self, code: str, **details: object) -> None:
        super().__init__(code)
        self.code = code
        self.details = details


class NotPermitted(Refusal):
    """The actor lacks the verb, or the object is outside their reach: both refuse alike."""
