"""When a household is next to be visited. Pure."""

from datetime import date, timedelta


def next_visit_on(last: date | None, since: date, *, interval_days: int) -> date:
    """The day the next visit falls due: `interval_days` after the last, or after `since` when
    there was none. The interval comes from catalogue/visits.toml."""
    return (last or since) + timedelta(days=interval_days)


def why_words(last: date | None) -> str:
    """Why to go, in words that stay true whatever the day."""
    return f"上次去是 {last.month}月{last.day}日" if last else "还没有去过"
