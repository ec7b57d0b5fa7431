"""Refusals in words a villager understands, from `catalogue/refusals.toml`."""

from lianhu.kernel.catalogue import read
from lianhu.kernel.errors import NotPermitted, Refusal

NOT_FOUND_STATUS = 404
STATUS = {
    "account.signed_out": 401,
    "account.wrong_password": 401,
    "second.wrong": 401,
    "rights.signed_out": 401,
    "device.unknown": 401,
    "device.unconfirmed": 403,
    "device.bad_proof": 403,
    "enrol.bad_token": 401,
    "request.bad": 400,
    "throttled": 429,
    "letters.too_many": 413,
    "request.too_large": 413,
    "media.too_large": 413,
    "media.gap": 409,
    "media.of_another": 403,
    "sealed.of_another": 403,
    "account.not_permitted": 403,
}


def words_of(refusal: Refusal) -> str:
    """The Chinese words of a refusal; an unlisted code speaks for itself."""
    text = str(read("refusals.toml")["words"].get(refusal.code, refusal.code))
    for key, value in refusal.details.items():
        text = text.replace("{" + key + "}", str(value))
    return text


def status_of(refusal: Refusal) -> int:
    """The HTTP status of a refusal: absent and out of reach are both 404."""
    if refusal.code in STATUS:
        return STATUS[refusal.code]
    return NOT_FOUND_STATUS if isinstance(refusal, NotPermitted) else 422
