"""`lianhu serve` for the attack: the same server, with one fault of our own when one is asked for.

The change is made in this process before the server's workers are made from it, and in each worker
as it loads: see `mutants`. Nothing of this is in the product.
"""

import os
import sys

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "lianhu.settings")


def main() -> None:
    """Serve on the port of the command line."""
    django.setup()
    from lianhu.web.serving import run_server  # noqa: PLC0415 - Django comes first

    run_server("127.0.0.1", int(sys.argv[1]), 0, "tests.faults.served:served")


if __name__ == "__main__":
    main()
