"""What must hold after the quiet: I1 to I14 of design/quality.md, each against what was promised."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

FINAL = {"stored", "held", "quarantined"}


@dataclass
class Seen:
    """All that an attack left behind: what phones promised, what they hold, what the office holds."""

    written: dict[str, Any]  # letters for which a screen said 已存本机, by id
    phones: dict[str, dict[str, Any]]  # what each phone tells after the quiet
    users: dict[str, str]  # the user of each phone
    truth: dict[str, Any]
    skewed: set[str]  # phones whose clock was wrong at some time
    drained: float | None  # seconds until every queue was empty; None when it never was
    samples: list[tuple[str, str, dict[str, int]]] = field(default_factory=list)

    @property
    def letters(self) -> dict[str, list[Any]]:
        """The office's letters by id."""
        return {row[0]: row for row in self.truth["letters"]}

    @property
    def waiting(self) -> dict[str, str]:
        """Letters still on phones, with their hash."""
        return {i: sha for told in self.phones.values() for i, sha in told["waiting"]}


def i1(seen: Seen) -> list[str]:
    """Every letter that was called saved is at the office, judged, once, with the same hash."""
    faults = []
    for number, promised in seen.written.items():
        row = seen.letters.get(number)
        if row is None:
            where = "still waiting" if number in seen.waiting else "nowhere"
            faults.append(f"letter {number} of {promised.phone}: {where}")
        elif row[1] != promised.sha256 or not row[6]:
            faults.append(f"letter {number}: another text than was saved")
        elif row[2] not in FINAL:
            faults.append(f"letter {number}: {row[2]}")
    return faults


def i2(seen: Seen) -> list[str]:
    """A stored report is one matter with one report step and one entry in the ledger."""
    stored = {
        number
        for number, row in seen.letters.items()
        if row[2] == "stored" and getattr(seen.written.get(number), "kind", "") == "report"
    }
    matters = {row[0]: row for row in seen.truth["matters"]}
    entries = Counter(seen.truth["reports"])
    faults = [f"letter {n}: stored without its matter" for n in stored if n not in matters]
    faults += [f"matter {n}: {row[2]} reports" for n, row in matters.items() if row[2] != 1]
    faults += [f"matter {n}: {entries[n]} entries" for n in matters if entries[n] != 1]
    words = Counter(row[1] for row in matters.values())
    faults += [f"“{said}” became {n} matters" for said, n in words.items() if n > 1]
    return faults


def i3(seen: Seen) -> list[str]:
    """Every phone's parcels are those that the office would make for it now."""
    faults = []
    for name, told in seen.phones.items():
        held = {p["grid"]: p for p in told["parcels"]}
        office = seen.truth["parcels"][seen.users[name]]
        faults += [f"{name}: {grid} is missing" for grid in office if grid not in held]
        faults += [
            f"{name}: {grid} differs (version {held[grid]['version']} / {office[grid]['version']})"
            for grid in office
            if grid in held and held[grid] != office[grid]
        ]
    return faults


def i4(seen: Seen) -> list[str]:
    """Nothing outside one's scope is on a phone; after a reassignment nothing stays."""
    faults = []
    for name, told in seen.phones.items():
        office = seen.truth["parcels"][seen.users[name]]
        faults += [
            f"{name}: holds {p['grid']}" for p in told["parcels"] if p["grid"] not in office
        ]
    return faults


def i5(seen: Seen) -> list[str]:
    """Versions never go back within an epoch."""
    faults, most = [], {}
    for name, epoch, versions in seen.samples:
        for grid, version in versions.items():
            key = (name, epoch, grid)
            if version < most.get(key, 0):
                faults.append(f"{name}: {grid} went from {most[key]} to {version}")
            most[key] = max(version, most.get(key, 0))
    return faults


def i6(seen: Seen) -> list[str]:
    """A stored report is in the parcel of its grid on the phone that wrote it."""
    faults = []
    for number, row in seen.letters.items():
        promised = seen.written.get(number)
        if promised is None or promised.kind != "report" or row[2] != "stored":
            continue
        for parcel in seen.phones[promised.phone]["parcels"]:
            if parcel["grid"] == promised.place and number not in {
                m["id"] for m in parcel["matters"]
            }:
                faults.append(f"{promised.phone}: {number} is not in {parcel['grid']}")
    return faults


def i7(seen: Seen) -> list[str]:
    """A letter that is refused delays no other: all the good ones are stored."""
    return [
        f"letter {number}: waits behind another"
        for number, promised in seen.written.items()
        if number in seen.waiting and promised.kind == "report"
    ]


def i8(seen: Seen) -> list[str]:
    """Every photo of a saved letter can be read at the office, or is whole on its phone and will
    be sent."""
    there = {sha for sha, good in seen.truth["photos"] if good}
    held = {  # what a phone takes for sent may leave it any day
        row[0]
        for told in seen.phones.values()
        for row in told["photos"]
        if row[0] == row[3] and not row[2]
    }
    return [
        f"photo {sha[:8]} of {number}: gone"
        for number, promised in seen.written.items()
        for sha in promised.media
        if sha not in there and sha not in held
    ]


def i10(seen: Seen) -> list[str]:
    """The numbers that the office holds of a phone have no gap where nothing was lost."""
    numbers: dict[str, set[int]] = {}
    for row in seen.letters.values():
        # All of them: a phone may have been killed after a letter was safe and before it said so.
        if row[5] is not None:
            numbers.setdefault(row[7], set()).add(row[5])
    return [
        f"{name}: numbers {sorted(set(range(1, max(found) + 1)) - found)[:5]} are missing"
        for name, found in numbers.items()
        if found != set(range(1, max(found) + 1))
    ]


def i11(seen: Seen) -> list[str]:
    """No letter was lost to an upgrade or a revocation: each is here or there."""
    return [
        f"letter {number}: gone from {promised.phone}"
        for number, promised in seen.written.items()
        if number not in seen.letters
        and number not in seen.waiting
        and promised.phone in seen.phones
    ]


def i12(seen: Seen) -> list[str]:
    """A wrong clock refuses nothing: reports of such phones are stored as others are."""
    return [
        f"letter {number} of {promised.phone}: {seen.letters[number][2]}"
        for number, promised in seen.written.items()
        if promised.phone in seen.skewed
        and promised.kind == "report"
        and number in seen.letters
        and seen.letters[number][2] == "quarantined"
    ]


def i13(seen: Seen) -> list[str]:
    """The ledger's chain verifies."""
    return list(seen.truth["ledger"])


def i14(seen: Seen) -> list[str]:
    """Every queue is empty within a minute of quiet."""
    if seen.drained is not None:
        return []
    return [f"{len(seen.waiting)} letters still wait after a minute of quiet"]


# I9 is I1 and I8 after a restore: nothing is lost that a phone still holds.
CHECKS = {
    "I1": i1, "I2": i2, "I3": i3, "I4": i4, "I5": i5, "I6": i6, "I7": i7, "I8": i8, "I10": i10,
    "I11": i11, "I12": i12, "I13": i13, "I14": i14,
}  # fmt: skip


def check(seen: Seen) -> dict[str, list[str]]:
    """The invariants that do not hold, each with what shows it."""
    found = {name: look(seen) for name, look in CHECKS.items()}
    return {name: faults for name, faults in found.items() if faults}
