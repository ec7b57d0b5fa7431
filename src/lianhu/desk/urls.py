"""Every page of the desk."""

from django.urls import URLPattern, path

from lianhu.desk.home import home
from lianhu.desk.inbox import inbox
from lianhu.desk.matter import page, phone, photo, take
from lianhu.desk.sign_in import enter, leave, password

urlpatterns: list[URLPattern] = [
    path("", home),
    path("sign-in/", enter),
    path("sign-out/", leave),
    path("password/", password),
    path("matters/", inbox),
    path("matters/<uuid:matter_id>/", page),
    path("matters/<uuid:matter_id>/photos/<str:sha256>/", photo),
    path("matters/<uuid:matter_id>/phone/", phone),
    path("matters/<uuid:matter_id>/<slug:step>/", take),
]
