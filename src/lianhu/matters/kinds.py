"""The kinds of matters, from `catalogue/matters/`: clock, who receives, who handles, who sees."""

from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any

from lianhu.kernel.catalogue import in_force, read, read_folder
from lianhu.kernel.errors import Refusal
from lianhu.territory.models import RowClass

STRICTNESS = {RowClass.ORDINARY: 0, RowClass.SENSITIVE: 1, RowClass.ABOUT_OFFICIAL: 2}
LEVEL_LENGTH = {"county": 6, "town": 9, "village": 12}


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of matter. `receives` and `handled_by` are "<level>.<office kind>"."""

    code: str
    name: str
    top: str
    top_name: str
    icon: str
    clock: str
    visibility: str
    receives: str
    handled_by: tuple[str, ...]


@cache
def all_kinds() -> dict[str, Kind]:
    """Every kind by code, in the catalogue's order; a top category stands for its "other"."""
    kinds: dict[str, Kind] = {}
    for top in read_folder("matters"):
        rows = [_kind(top, row) for row in top["kinds"]]
        general = next((k for k in rows if k.code.endswith(".other")), rows[0])
        kinds[top["code"]] = Kind(
            top["code"], top["name"], top["code"], top["name"], top["icon"], general.clock,
            top["visibility"], general.receives, general.handled_by,
        )  # fmt: skip
        kinds |= {k.code: k for k in rows}
    return kinds


def _kind(top: dict[str, Any], row: dict[str, Any]) -> Kind:
    return Kind(
        row["code"], row["name"], top["code"], top["name"], top["icon"], row["clock"],
        row.get("visibility", top["visibility"]), row["receives"], tuple(row["handled_by"]),
    )  # fmt: skip


def get_kind(code: str) -> Kind:
    """A kind by its code; refuses ``matter.unknown_category``."""
    kind = all_kinds().get(code)
    if kind is None:
        raise Refusal("matter.unknown_category", category=code)
    return kind


def strictest(asked: str, kind: Kind) -> RowClass:
    """The narrower of what the reporter chose and what the kind demands."""
    return max(RowClass(asked), RowClass(kind.visibility), key=lambda c: STRICTNESS[c])


def clocks(on: date) -> dict[str, Any]:
    """The clocks in force on a day."""
    return in_force(read("clocks.toml")["versions"], on)


def office_at(place: str, kind: str) -> str:
    """The office of a kind ("town.housing") that serves a place: "610921104:housing"."""
    level, _, office = kind.partition(".")
    return f"{place[: LEVEL_LENGTH[level]]}:{office}"


def receiving_office(kind: Kind, row_class: str, place: str) -> str:
    """Who has a new matter first. A report about an official goes to the county in any case, and
    a sensitive one to the office its kind names. Source: norms.md, "People come first", 7."""
    if row_class == RowClass.ABOUT_OFFICIAL:
        return office_at(place, "county.discipline")
    return office_at(place, kind.receives)


def office_name(office: str, places: dict[str, str] | None = None) -> str:
    """An office in words: 双乳镇村镇建设办公室; without the place's name where it is unknown."""
    code, _, kind = office.partition(":")
    level = {6: "county", 9: "town", 12: "village"}.get(len(code), "")
    words = read("offices.toml").get(level, {}).get(kind, "")
    place = (places or {}).get(code, "")
    return f"{place}{words}" if words else ""


def offices_for(place: str) -> list[str]:
    """Every office that serves a place, village first: what a matter can be given to."""
    table = read("offices.toml")
    return [
        office_at(place, f"{level}.{kind}")
        for level in ("village", "town", "county")
        for kind in table[level]
        if len(place) >= LEVEL_LENGTH[level]
    ]


def who_sees(kind: Kind) -> str:
    """Who will see a report of this kind, in words for the reporter."""
    table = read("offices.toml")
    if kind.visibility == RowClass.ABOUT_OFFICIAL:
        return "直接送县里，不经过村和镇，被反映的人看不到"
    names = dict.fromkeys([kind.receives, *kind.handled_by])
    words = "、".join(table[n.split(".")[0]][n.split(".")[1]] for n in names)
    if kind.visibility == RowClass.SENSITIVE:
        return f"只有经办的人看得到：{words}"
    return f"本村干部和经办单位看得到：{words}"
