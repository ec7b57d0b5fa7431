"""The demo's own pages, only when LIANHU_DEMO=1."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
