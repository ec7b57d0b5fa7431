"""The WSGI application that `lianhu serve` runs."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "lianhu.settings")
application = get_wsgi_application()
