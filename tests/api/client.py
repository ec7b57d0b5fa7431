"""A phone that speaks to the office through Django's test client, answers checked for form."""

import json
from typing import Any

from django.test import Client

from lianhu.kernel.actor import Actor
from lianhu.letters.actions.receiving import Incoming
from tests import cast
from tests.letters.helpers import wire

PROBLEM = "application/problem+json"


class Phone:
    """One enrolled phone; every answer is either as it should be or a problem document."""

    def __init__(self, credential: str = "") -> None:
        self.client = Client(raise_request_exception=False)
        self.auth = {"Authorization": f"Bearer {credential}"} if credential else {}

    def call(self, method: str, path: str, body: Any = None, **headers: str) -> Any:
        """The response to one request; a body that is no bytes goes as JSON."""
        kind = headers.pop("content_type", "application/json")
        if body is not None and not isinstance(body, bytes):
            body = json.dumps(body).encode()
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        response = self.client.generic(
            method, path, body or b"", content_type=kind, headers=self.auth | sent
        )
        assert response.status_code < 500, (method, path, response.content[:500])
        if response.status_code >= 400 and method != "HEAD":
            problem_of(response)
        return response

    def get(self, path: str, **headers: str) -> Any:
        """A GET below /api/phone/."""
        return self.call("GET", f"/api/phone/{path}", **headers)

    def post(self, path: str, body: Any, **headers: str) -> Any:
        """A POST below /api/phone/."""
        return self.call("POST", f"/api/phone/{path}", body, **headers)

    def letters(self, *letters: Incoming) -> list[dict[str, Any]]:
        """The results of sending letters."""
        response = self.post("letters", {"letters": [wire(i) for i in letters]})
        assert response.status_code == 200, response.content
        return list(response.json()["results"])


def problem_of(response: Any) -> tuple[int, str]:
    """Status and code of a problem document, its form checked (RFC 9457)."""
    assert response["Content-Type"].startswith(PROBLEM), (
        response.status_code,
        response.content,
    )
    body = response.json()
    assert {"type", "title", "status", "code"} <= set(body)
    assert body["status"] == response.status_code
    assert body["type"] == f"urn:lianhu:{body['code']}"
    assert body["title"]
    return response.status_code, body["code"]


def phone_of(actor: Actor) -> Phone:
    """An enrolled phone of an actor."""
    return Phone(cast.make_device(actor)[1])
