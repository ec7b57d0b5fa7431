"""Sessions in our own table: whose each is and how it began, so that it can be shown and ended.

What may be shown is written by `web.entering` into the session's data under `ENTRY`.
"""

from datetime import UTC, datetime, timedelta
from typing import Any, cast
from uuid import UUID

from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore as InDatabase
from django.utils import timezone
from django.utils.timezone import localdate

from lianhu.accounts.models import Session
from lianhu.accounts.rules import terms
from lianhu.kernel.ids import uuid7

ENTRY = "entry"


def entry_of(data: dict[str, Any]) -> dict[str, Any]:
    """How the session of somebody signed in began; made when nothing says so."""
    now = timezone.now()
    plain = {"mark": uuid7().hex, "began": now.timestamp(), "way": "", "agent": "", "network": ""}
    found: dict[str, Any] = data.setdefault(ENTRY, plain)
    return found


class SessionStore(InDatabase):
    """Django's store over `accounts.Session`; a row that is gone signs its browser out."""

    @classmethod
    def get_model_class(cls) -> type[Session]:
        """Our table."""
        return Session

    def get_session_cookie_age(self) -> int:
        """The longest that a session lives, of catalogue/signing_in.toml."""
        return int(terms(localdate())["session_hours"]) * 3600

    def create_model_instance(self, data: dict[str, Any]) -> Session:
        """The row with what may be shown; it ends at the latest so long after it began, however
        often it is written."""
        user = data.get(SESSION_KEY)
        entry = entry_of(data) if user else None
        row = cast("Session", super().create_model_instance(data))
        if entry is not None:
            row.user_id = UUID(str(user))
            row.mark = UUID(entry["mark"])
            row.began_at = datetime.fromtimestamp(entry["began"], UTC)
            row.way, row.agent = entry["way"], entry["agent"]
            row.network = entry["network"]
            latest = row.began_at + timedelta(seconds=self.get_session_cookie_age())
            row.expire_date = min(row.expire_date, latest)
        return row
