"""An OpenID provider as a process of its own: `python -m tests.provider.served PORT [LIE]`.

Authlib's authorization server with its own code grant, PKCE required and an ID token from its
OpenID Connect extension; our part is only who may come in: whoever opens the page is the subject
that `?as=` was set to. LIE makes it wrong in one way, to see that each is noticed.
"""

import sys
import time

from authlib.integrations.flask_oauth2 import AuthorizationServer
from authlib.oauth2.rfc6749 import AuthorizationCodeMixin, ClientMixin, grants
from authlib.oauth2.rfc7636 import CodeChallenge
from authlib.oidc.core import OpenIDCode, UserInfo
from flask import Flask, jsonify, redirect
from joserfc import jwt
from joserfc.jwk import RSAKey

CLIENT, SECRET = "lianhu", "a secret of the tests"
KEY = RSAKey.generate_key(2048, {"kid": "k1", "use": "sig"}, private=True)
OTHER = RSAKey.generate_key(2048, {"kid": "k1", "use": "sig"}, private=True)
CODES: dict[str, "Code"] = {}
NOW = {"subject": "nobody"}
LIE = sys.argv[2] if len(sys.argv) > 2 else ""
ISSUER = f"http://127.0.0.1:{sys.argv[1] if len(sys.argv) > 1 else 0}"


class Code(AuthorizationCodeMixin):
    """A code on its way."""

    def __init__(self, code: str, asked) -> None:
        self.code, self.client_id = code, asked.client.get_client_id()
        payload = asked.payload
        self.redirect_uri, self.scope = payload.redirect_uri, payload.scope
        self.nonce = payload.data.get("nonce")
        self.code_challenge = payload.data.get("code_challenge")
        self.code_challenge_method = payload.data.get("code_challenge_method")
        self.auth_time, self.subject = int(time.time()), asked.user

    def get_redirect_uri(self) -> str:
        return self.redirect_uri

    def get_scope(self) -> str:
        return self.scope

    def get_nonce(self) -> str | None:
        return self.nonce

    def get_auth_time(self) -> int:
        return self.auth_time

    def get_acr(self) -> None:
        return None

    def get_amr(self) -> None:
        return None


class Client(ClientMixin):
    """The only client: us."""

    def get_client_id(self) -> str:
        return CLIENT

    def get_default_redirect_uri(self) -> str:
        return ""

    def get_allowed_scope(self, scope: str) -> str:
        return scope

    def check_redirect_uri(self, redirect_uri: str) -> bool:
        return redirect_uri.endswith("/desk/provider/back/")

    def check_client_secret(self, client_secret: str) -> bool:
        return client_secret == SECRET

    def check_endpoint_auth_method(self, method: str, endpoint: str) -> bool:
        return method == "client_secret_basic"

    def check_response_type(self, response_type: str) -> bool:
        return response_type == "code"

    def check_grant_type(self, grant_type: str) -> bool:
        return grant_type == "authorization_code"


class CodeGrant(grants.AuthorizationCodeGrant):
    """Authlib's grant over a dictionary."""

    TOKEN_ENDPOINT_AUTH_METHODS = ["client_secret_basic"]

    def save_authorization_code(self, code: str, request) -> None:
        CODES[code] = Code(code, request)

    def query_authorization_code(self, code: str, client: Client) -> Code | None:
        return CODES.get(code)

    def delete_authorization_code(self, authorization_code: Code) -> None:
        CODES.pop(authorization_code.code, None)

    def authenticate_user(self, authorization_code: Code) -> str:
        return authorization_code.subject


class IdToken(OpenIDCode):
    """Authlib's ID token, or one that lies."""

    def exists_nonce(self, nonce: str, request) -> bool:
        return False

    def generate_user_info(self, user: str, scope: str) -> UserInfo:
        return UserInfo(sub=user)

    def process_token(self, grant, response) -> dict:
        token = response[1] if isinstance(response, tuple) else response
        code = grant.request.authorization_code
        now = int(time.time())
        claims = {
            "iss": "http://evil.example" if LIE == "issuer" else ISSUER,
            "aud": "somebody else" if LIE == "audience" else CLIENT,
            "sub": code.subject, "iat": now, "auth_time": code.auth_time,
            "exp": now - 3600 if LIE == "expired" else now + 300,
            "nonce": "another" if LIE == "nonce" else code.nonce,
        }  # fmt: skip
        if LIE == "party":
            claims["aud"], claims["azp"] = [CLIENT, "other"], "other"
        if LIE == "none":
            token["id_token"] = _unsigned(claims)
        elif LIE == "shared":
            token["id_token"] = _by_shared_secret(claims)
        else:
            key = OTHER if LIE == "key" else KEY
            token["id_token"] = jwt.encode({"alg": "RS256", "kid": "k1"}, claims, key)
        if LIE == "missing":
            del token["id_token"]
        return token


def _unsigned(claims: dict) -> str:
    import jwt as pyjwt  # noqa: PLC0415

    return pyjwt.encode(claims, "", algorithm="none")


def _by_shared_secret(claims: dict) -> str:
    """HS256 with the public key's own text as the secret: the old confusion of algorithms."""
    import hashlib  # noqa: PLC0415
    import hmac  # noqa: PLC0415
    import json  # noqa: PLC0415
    from base64 import urlsafe_b64encode  # noqa: PLC0415

    def part(raw: bytes) -> bytes:
        return urlsafe_b64encode(raw).rstrip(b"=")

    head = part(json.dumps({"alg": "HS256", "kid": "k1", "typ": "JWT"}).encode())
    text = head + b"." + part(json.dumps(claims).encode())
    public = KEY.as_pem(private=False)
    return (text + b"." + part(hmac.digest(public, text, hashlib.sha256))).decode()


app = Flask(__name__)
server = AuthorizationServer(
    app, query_client=lambda name: Client() if name == CLIENT else None,
    save_token=lambda token, asked: None,
)  # fmt: skip
server.register_grant(CodeGrant, [CodeChallenge(required=True), IdToken(require_nonce=True)])


@app.get("/.well-known/openid-configuration")
def published():
    """What the issuer says of itself."""
    if LIE == "moved":
        return redirect("http://127.0.0.1:9/")
    return jsonify(
        issuer={"names another": "http://evil.example", "almost": f"{ISSUER}/"}.get(LIE, ISSUER),
        authorization_endpoint=f"{ISSUER}/authorize",
        token_endpoint="http://evil.example/token" if LIE == "leads away" else f"{ISSUER}/token",
        jwks_uri=f"{ISSUER}/keys", response_types_supported=["code"],
        subject_types_supported=["public"], id_token_signing_alg_values_supported=["RS256"],
        code_challenge_methods_supported=["S256"],
    )  # fmt: skip


@app.get("/keys")
def keys():
    """The public half of the key."""
    return jsonify(keys=[KEY.as_dict(private=False)])


@app.get("/as/<subject>")
def become(subject: str):
    """From now on whoever comes is this subject."""
    NOW["subject"] = subject
    return jsonify(subject=subject)


@app.get("/authorize")
def authorize():
    """Somebody comes, and goes back with a code."""
    grant = server.get_consent_grant(end_user=NOW["subject"])
    return server.create_authorization_response(grant_user=NOW["subject"], grant=grant)


@app.post("/token")
def token():
    """A code for an ID token: once, and only with the verifier of its challenge."""
    return server.create_token_response()


if __name__ == "__main__":
    app.run(port=int(sys.argv[1]))
