"""The four front doors, and whether the house is well."""

from django.conf import settings
from django.urls import URLPattern, URLResolver, include, path

from lianhu.phone.api import api
from lianhu.web.views import healthz, robots

urlpatterns: list[URLPattern | URLResolver] = [
    path("healthz", healthz),
    path("robots.txt", robots),
    path("api/", api.urls),
    path("desk/", include("lianhu.desk.urls")),
    path("phone/", include("lianhu.phone.urls")),
    path("", include("lianhu.board.urls")),
]
if settings.LIANHU_DEMO:
    urlpatterns.append(path("demo/", include("lianhu.demo.urls")))
handler400 = "lianhu.web.views.bad_request"
handler404 = "lianhu.web.views.not_found"
handler500 = "lianhu.web.views.crashed"
