"""The county's own identity provider, spoken to by OpenID Connect: code flow with PKCE.

Its address comes from the setting LIANHU_OIDC_ISSUER and from what that address itself publishes;
no address that a person typed is ever called. Every call ends after a few seconds, follows no
redirect and reads only so much, so that a provider that is down or lies costs one sign-in its time.
"""

import base64
import hashlib
import json
import secrets
import threading
import time
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode, urlsplit
from urllib.request import HTTPErrorProcessor, Request, build_opener

import jwt
from django.conf import settings

from lianhu.kernel.errors import Refusal

SECONDS, MOST = 5, 512 * 1024
KEPT = 600  # seconds for which what the provider publishes is remembered
LEEWAY = 60  # seconds by which its clock and ours may differ
ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "EdDSA")
LOOPBACK = {"127.0.0.1", "localhost", "::1"}
ENDPOINTS = ("authorization_endpoint", "token_endpoint", "jwks_uri")
_lock = threading.Lock()
_kept: dict[str, tuple[float, Any]] = {}


@dataclass(frozen=True, slots=True)
class Asked:
    """What is remembered on our side while somebody is at the provider."""

    state: str
    nonce: str
    verifier: str


def has_provider() -> bool:
    """Whether the county has named one."""
    return bool(settings.LIANHU_OIDC_ISSUER and settings.LIANHU_OIDC_CLIENT)


def provider_name() -> str:
    """What people call it, "" when there is none."""
    return settings.LIANHU_OIDC_NAME if has_provider() else ""


def find_provider_faults() -> list[str]:
    """What makes the provider's settings unsafe or incomplete, in words."""
    if not settings.LIANHU_OIDC_ISSUER:
        return []
    faults = []
    if not _is_safe(settings.LIANHU_OIDC_ISSUER):
        faults.append("LIANHU_OIDC_ISSUER 要写统一身份的 https 地址。")
    if not settings.LIANHU_OIDC_CLIENT or not settings.LIANHU_OIDC_SECRET:
        faults.append("接统一身份要有 LIANHU_OIDC_CLIENT 和 LIANHU_OIDC_SECRET。")
    return faults


def _is_safe(address: str) -> bool:
    parts = urlsplit(address)
    return bool(parts.hostname) and (
        parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in LOOPBACK)
    )


def ask_provider(back: str) -> tuple[str, Asked]:
    """Where to send the browser, and what to remember until it is `back`. Refuses
    ``provider.none``, ``provider.unreachable``."""
    if not has_provider():
        raise Refusal("provider.none")
    asked = Asked(*(secrets.token_urlsafe(32) for _ in range(3)))
    challenge = hashlib.sha256(asked.verifier.encode()).digest()
    wanted = {
        "response_type": "code",
        "client_id": settings.LIANHU_OIDC_CLIENT,
        "redirect_uri": back,
        "scope": "openid",
        "state": asked.state,
        "nonce": asked.nonce,
        "code_challenge": base64.urlsafe_b64encode(challenge).rstrip(b"=").decode(),
        "code_challenge_method": "S256",
    }
    address = str(_published()["authorization_endpoint"])
    return f"{address}{'&' if '?' in address else '?'}{urlencode(wanted)}", asked


def subject_of(code: str, back: str, asked: Asked) -> str:
    """Who somebody is at the provider, from the code that the browser brought: its signature,
    issuer, audience, times and nonce are checked. Refuses ``provider.refused``,
    ``provider.unreachable``."""
    found = _published()
    form = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": back,
        "code_verifier": asked.verifier,
    }
    # RFC 6749, 2.3.1: both are form-encoded before they are joined.
    pair = f"{quote(settings.LIANHU_OIDC_CLIENT)}:{quote(settings.LIANHU_OIDC_SECRET)}"
    basic = base64.b64encode(pair.encode()).decode()
    answer = _call(str(found["token_endpoint"]), form, {"Authorization": f"Basic {basic}"})
    token = answer.get("id_token")
    if not isinstance(token, str):
        raise Refusal("provider.refused")
    try:
        return _checked(token, asked.nonce)
    except (jwt.PyJWTError, ValueError, KeyError, TypeError) as error:
        raise Refusal("provider.refused") from error


def _checked(token: str, nonce: str) -> str:
    """The subject of an ID token that is ours and of now; raises what `jwt` raises."""
    head = jwt.get_unverified_header(token)
    claims = jwt.decode(
        token,
        _key_for(head.get("kid"), head["alg"]),
        algorithms=ALGORITHMS,
        audience=settings.LIANHU_OIDC_CLIENT,
        issuer=_published()["issuer"],
        leeway=LEEWAY,
        options={"require": ["exp", "iat", "iss", "aud", "sub"]},
    )
    if not secrets.compare_digest(str(claims.get("nonce", "")).encode(), nonce.encode()):
        raise ValueError("nonce")
    audience = claims["aud"]
    many = isinstance(audience, list) and len(audience) > 1
    if (many or "azp" in claims) and claims.get("azp") != settings.LIANHU_OIDC_CLIENT:
        raise ValueError("azp")
    subject = claims["sub"]
    if not isinstance(subject, str) or not subject:
        raise ValueError("sub")
    return subject


def _key_for(kid: Any, algorithm: str) -> jwt.PyJWK:
    """The provider's key of that name; read anew once if it is not among those remembered."""
    if algorithm not in ALGORITHMS:  # none, and whatever a shared secret signs
        raise ValueError("algorithm")
    address = str(_published()["jwks_uri"])
    for again in (False, True):
        keys = jwt.PyJWKSet.from_dict(_remembered(address, anew=again)).keys
        fits = [key for key in keys if key.public_key_use in (None, "sig")]
        fits = [key for key in fits if kid is None or key.key_id == kid]
        if len(fits) == 1:
            return fits[0]
    raise ValueError("key")


def _published() -> dict[str, Any]:
    """What the issuer says of itself: exactly that issuer, and only safe addresses."""
    issuer = settings.LIANHU_OIDC_ISSUER
    found = _remembered(f"{issuer.rstrip('/')}/.well-known/openid-configuration")
    if found.get("issuer") != issuer or not all(
        _is_safe(str(found.get(name, ""))) for name in ENDPOINTS
    ):
        raise Refusal("provider.refused")
    return found


def _remembered(address: str, *, anew: bool = False) -> dict[str, Any]:
    now = time.monotonic()
    with _lock:
        since, found = _kept.get(address, (-KEPT, None))
    if found is None or anew or now - since > KEPT:
        found = _call(address)
        with _lock:
            _kept[address] = (now, found)
    return dict(found)


def forget_provider() -> None:
    """Forget what the provider published."""
    with _lock:
        _kept.clear()


class _Plain(HTTPErrorProcessor):
    """No redirect is followed, and anything but success is a failure."""

    def http_response(self, request: Request, response):  # type: ignore[no-untyped-def]
        """Pass a success on."""
        if not 200 <= response.code < 300:
            raise _Declined
        return response

    https_response = http_response


class _Declined(Exception):  # noqa: N818 - it is an answer
    """The provider answered, but not with what was asked for."""


def _call(
    address: str, form: dict[str, str] | None = None, heads: dict[str, str] | None = None
) -> dict[str, Any]:
    """The JSON object at an address of the provider. Refuses ``provider.unreachable``,
    ``provider.refused``."""
    if not _is_safe(address):
        raise Refusal("provider.refused")
    request = Request(  # noqa: S310 - the scheme was checked
        address,
        data=urlencode(form).encode() if form else None,
        headers={"Accept": "application/json"} | (heads or {}),
    )
    try:
        with build_opener(_Plain).open(request, timeout=SECONDS) as response:
            found = json.loads(response.read(MOST))
    except (_Declined, ValueError) as error:
        raise Refusal("provider.refused") from error
    except OSError as error:
        raise Refusal("provider.unreachable") from error
    if not isinstance(found, dict):
        raise Refusal("provider.refused")
    return found
