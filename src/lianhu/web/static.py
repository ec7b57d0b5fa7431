"""Serve our static files and the phone app's built files from this one process."""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase
from whitenoise.middleware import WhiteNoiseMiddleware


class Static(WhiteNoiseMiddleware):  # type: ignore[misc]
    """WhiteNoise, with the phone app's build under /phone/."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        super().__init__(get_response)
        if settings.PHONE_DIST.is_dir():
            self.add_files(str(settings.PHONE_DIST), prefix="/phone/")
