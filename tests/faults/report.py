"""What an attack did and what it found, for a line and for a file."""

from collections import Counter
from dataclasses import dataclass, field


@dataclass
class Report:
    """What was done and what was found."""

    kind: str
    seed: int
    mutant: str = ""
    counts: Counter[str] = field(default_factory=Counter)
    broken: dict[str, list[str]] = field(default_factory=dict)
    drained: float | None = None
    seconds: float = 0.0

    def words(self) -> str:
        """One line."""
        done = ", ".join(f"{name} {n}" for name, n in sorted(self.counts.items()))
        drained = "never" if self.drained is None else f"{self.drained:.1f} s"
        return (
            f"{self.kind} seed {self.seed} {self.mutant}: {done}; drained {drained}; "
            f"broken { ({k: v[:2] for k, v in self.broken.items()} or 'nothing') }"
        )
