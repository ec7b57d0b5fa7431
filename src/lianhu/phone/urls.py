"""The phone app's shell: any path under /phone/ that is not a file opens the app."""

from django.urls import path, re_path

from lianhu.phone.views import shell

urlpatterns = [path("", shell, name="phone"), re_path(r"^(?P<rest>[\w/-]+)$", shell)]
