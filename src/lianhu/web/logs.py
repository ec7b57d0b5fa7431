"""Log lines as JSON, with nothing personal: what code logs is names of things and numbers."""

import json
import logging
from datetime import UTC, datetime

STANDARD = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}
# JSON leaves these signs as they are, and some readers begin a new line there.
BREAKS = {code: f"\\u{code:04x}" for code in (0x85, 0x2028, 0x2029)}


class JsonFormatter(logging.Formatter):
    """One JSON object a line: time, level, logger, event and what was passed as `extra`."""

    def format(self, record: logging.LogRecord) -> str:
        """The line; an exception is its type and place, never its message: that may quote data."""
        line: dict[str, object] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(
                timespec="milliseconds"
            ),
            "level": record.levelname.lower(),
            "logger": record.name,
            "event": _event(record),
        }
        line |= {k: v for k, v in vars(record).items() if k not in STANDARD and _plain(v)}
        if record.exc_info and record.exc_info[0] is not None:
            line["error"] = record.exc_info[0].__name__
            trace = record.exc_info[2]
            where = []
            while trace is not None:
                code = trace.tb_frame.f_code
                where.append(f"{code.co_name}:{trace.tb_lineno}")
                trace = trace.tb_next
            line["where"] = where[-6:]
        return json.dumps(line, ensure_ascii=False).translate(BREAKS)


def _event(record: logging.LogRecord) -> str:
    """What happened; of Django's own lines about a request only their form, for they name the
    address, and an address may hold a follow code: which page it was stands in our own line."""
    if record.name.startswith(("django.request", "django.security")):
        return str(record.msg)
    return record.getMessage()


def _plain(value: object) -> bool:
    return isinstance(value, str | int | float | bool)
