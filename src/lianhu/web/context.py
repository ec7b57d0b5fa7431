"""What every page knows: whether this is the demo, who is signed in, and the day."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils.timezone import localdate

from lianhu.accounts.models import User
from lianhu.kernel.workdays import state_calendar
from lianhu.web.actor import actor_of


def page(request: HttpRequest) -> dict[str, Any]:
    """`demo`, `actor` (None when signed out), `today`, and if its calendar is published."""
    user = getattr(request, "user", None)
    today = localdate()
    return {
        "demo": settings.LIANHU_DEMO,
        "actor": actor_of(request) if isinstance(user, User) else None,
        "today": today,
        "calendar_published": state_calendar().is_published(today),
    }
