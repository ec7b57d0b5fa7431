"""Every page of the village board."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
