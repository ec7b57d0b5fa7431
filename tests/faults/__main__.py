"""The long form: `make faults SEEDS=20 MINUTES=1 DB=postgres`; a line per attack, then the sum."""

import argparse
import json
import sys
from collections import Counter

from tests.faults.attack import ALL, attack


def main() -> None:
    """Attack with each seed in turn; exit code 1 when anything was lost."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--database", choices=["sqlite", "postgres"], default="sqlite")
    asked.add_argument("--seeds", type=int, default=20)
    asked.add_argument("--first", type=int, default=1)
    asked.add_argument("--minutes", type=float, default=1)
    asked.add_argument("--phones", type=int, default=8)
    wanted = asked.parse_args()
    total: Counter[str] = Counter()
    broken: dict[str, list[str]] = {}
    slowest = 0.0
    for seed in range(wanted.first, wanted.first + wanted.seeds):
        # Every third attack has a restore among its troubles, which takes half a minute each.
        nemesis = (*ALL, "restore") if seed % 3 == 0 else ALL
        report = attack(
            wanted.database, seed, seconds=wanted.minutes * 60, phones=wanted.phones,
            nemesis=nemesis,
        )  # fmt: skip
        total.update(report.counts)
        slowest = max(slowest, report.drained or 60)
        sys.stdout.write(report.words() + "\n")
        sys.stdout.flush()
        for name, faults in report.broken.items():
            broken.setdefault(name, []).extend(f"seed {seed}: {fault}" for fault in faults)
    found = {"seeds": wanted.seeds, "slowest_drain": slowest, "counts": total, "broken": broken}
    sys.stdout.write(json.dumps(found, ensure_ascii=False) + "\n")
    raise SystemExit(1 if broken else 0)


if __name__ == "__main__":
    main()
