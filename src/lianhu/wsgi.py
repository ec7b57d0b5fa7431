"""The WSGI application that `lianhu serve` runs, and the thread that seals the ledger."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "lianhu.settings")
application = get_wsgi_application()

from lianhu.audit.sealing import start_sealer  # noqa: E402 - needs the settings
from lianhu.web.serving import at_once  # noqa: E402 - needs the settings
from lianhu.web.turns import Turns  # noqa: E402 - needs the settings

served = Turns(application, at_once())

# One in each process of the server: whoever comes first seals, the others find nothing to do.
start_sealer()
