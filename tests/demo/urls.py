"""The product's addresses with the demo's own, as they are when LIANHU_DEMO=1."""

from django.urls import include, path

from lianhu import urls

urlpatterns = [*urls.urlpatterns, path("demo/", include("lianhu.demo.urls"))]
handler404, handler500 = urls.handler404, urls.handler500
