"""The pictures of kinds on the report form, with what is said under each."""

from lianhu.board.telling import narrowed, promise, who
from lianhu.matters.kinds import Kind, all_kinds

ICONS = {
    "dispute": "messages-square",
    "environment": "leaf",
    "errand": "clipboard-list",
    "safety": "triangle-alert",
    "livelihood": "hand-heart",
    "policy": "circle-question-mark",
    "official": "landmark",
}
COMPLAINT = "policy.complaint"
OFFICIAL = "official"


def tops() -> list[Kind]:
    """The seven pictures, in the catalogue's order."""
    return [kind for kind in all_kinds().values() if kind.code == kind.top]


def picture(top: Kind, place: str) -> dict[str, object]:
    """A picture of the form with its finer kinds, and what is said under it."""
    finer = [k for k in all_kinds().values() if k.top == top.code and k.code != top.code]
    return {
        "code": top.code,
        "name": top.top_name,
        "icon": f"board/icons/{ICONS.get(top.code, 'circle-question-mark')}.html",
        "who": who(top),
        "promise": promise(top),
        "alone": narrowed(top.code, place),
        "official": top.code == OFFICIAL,
        "finer": [
            {
                "code": kind.code,
                "name": kind.name.partition("（")[0],
                "who": who(kind) if kind.visibility != top.visibility else "",
                "promise": promise(kind),
            }
            for kind in finer
            if kind.code != COMPLAINT
        ],
    }
