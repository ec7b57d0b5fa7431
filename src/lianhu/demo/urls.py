"""The demo's own pages, only when LIANHU_DEMO=1."""

from django.urls import URLPattern, path

from lianhu.demo import views

urlpatterns: list[URLPattern] = [
    path("", views.entrance, name="demo"),
    path("sign-in", views.sign_in),
    path("enrol", views.enrol),
    path("phone", views.phone),
    path("scan", views.scan),
]
