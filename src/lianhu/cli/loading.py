"""The program that loads a backup into scratch: `python -m lianhu.cli.loading BACKUP REPORT HOW`.

It stands here, where every wing is known: what is over by its term goes from all of them.
"""

import sys
from pathlib import Path

from lianhu.keeping.loading import main


def forget() -> dict[str, int]:
    """Do again what the daily run has forgotten since by its terms, key included; rows by rule."""
    from django.utils import timezone  # noqa: PLC0415 - needs the settings

    from lianhu.daily import AGAIN  # noqa: PLC0415 - as above
    from lianhu.keeping.actions.expire import expire  # noqa: PLC0415 - as above

    return {name: rows for name, rows in expire(AGAIN, at=timezone.now()).items() if rows}


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3], forget)
