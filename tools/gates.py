"""Every gate and test in order, then their total: `python -m tools.gates [part or group …]`.

All parts run even when an early one fails, so one run shows everything that is wrong.
"""

import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from tools import node, total
from tools.work import PHONE, PYTHON, ROOT, VAR, Stop, environment

REPORTS = VAR / "test"
LONGEST = 40 * 60  # seconds for one part, on a slow day too; longer than that, it hangs
PATIENCE = "--testTimeout=60000"  # a test that waits for a busy machine is not wrong
# Rooms of tests that run once more as a role that row-level security holds for.
GUARDED = ("board", "desk", "grading", "letters", "matters", "phone", "rights", "territory")
WORKERS = str(min(4, os.cpu_count() or 1))


@dataclass(frozen=True)
class Part:
    """One gate: what it is called, what it runs, and whether it writes a junit file itself."""

    name: str
    group: str
    command: tuple[str, ...]
    reports: bool = False
    folder: Path = ROOT
    settings: tuple[tuple[str, str], ...] = ()

    @property
    def report(self) -> Path | None:
        """Where the part's junit file is, when it writes one."""
        return REPORTS / f"{self.name}.xml" if self.reports else None


def _python(*arguments: str) -> tuple[str, ...]:
    return (str(PYTHON), "-m", *arguments)


def _django(*arguments: str) -> tuple[str, ...]:
    return _python("django", *arguments, "--settings", "tests.settings")


def _pytest(
    name: str, *arguments: str, database: str, more: tuple[tuple[str, str], ...] = ()
) -> Part:
    report = f"--junitxml={REPORTS / name}.xml"
    return Part(
        name,
        "tests",
        _python("pytest", "-q", report, "-o", f"cache_dir={VAR / 'pytest'}", *arguments),
        reports=True,
        settings=(("LIANHU_TEST_DB", database), *more),
    )


def parts() -> list[Part]:
    """All parts, quick ones first."""
    npx = (node.npm(), "exec", "--no", "--")
    report = f"--outputFile.junit={REPORTS / 'vitest'}.xml"
    apart = (f"--ignore=tests/{name}" for name in ("browser", "faults", "crawl"))
    no_browser = (*apart, "-n", WORKERS)
    return [
        Part("style", "check", _python("ruff", "check", ".")),
        Part("format", "check", _python("ruff", "format", "--check", ".")),
        Part("layers", "check", (str(PYTHON.parent / "lint-imports"), "--no-cache")),
        Part("types", "check", _python("mypy")),
        Part("models", "check", _django("check", "--fail-level", "WARNING")),
        Part("migrations", "check", _django("makemigrations", "--check", "--dry-run")),
        Part("documents", "check", _python("tools.docs", "--check")),
        Part("sbom", "check", _python("tools.sbom", "--check")),
        Part("phone-types", "phone", (node.npm(), "run", "typecheck"), folder=PHONE),
        Part(
            "vitest",
            "phone",
            (*npx, "vitest", "run", PATIENCE, "--reporter=default", "--reporter=junit", report),
            reports=True,
            folder=PHONE,
        ),
        _pytest("sqlite", *no_browser, database="sqlite"),
        _pytest("postgres", *no_browser, database="postgres"),
        _pytest(
            "guarded",
            "tests/kernel/test_scope.py",
            "tests/keeping/test_guards.py",
            "tests/keeping/test_scoped.py",
            *(f"tests/{room}" for room in GUARDED),
            "-n",
            WORKERS,
            database="postgres",
            more=(("LIANHU_TEST_GUARDED", "1"),),
        ),
        _pytest("browser", "tests/browser", database="sqlite"),
        # Long walks of the twin worlds and the mistakes put into those take `make crawl`.
        _pytest(
            "crawl",
            "tests/crawl",
            "-k",
            "not discretion",
            "-n",
            WORKERS,
            database="sqlite",
            more=(("LIANHU_TEST_TWINS", "0"),),
        ),
        _pytest("faults-sqlite", "tests/faults", "-n", "2", database="sqlite"),
        _pytest("faults-postgres", "tests/faults", "-n", "2", database="postgres"),
    ]


def _run(part: Part) -> int:
    """The part's exit code; a part that hangs is ended with its children and fails."""
    if part.report:
        part.report.unlink(missing_ok=True)
    more = {
        "PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "src")]),
        **dict(part.settings),
    }
    running = subprocess.Popen(
        part.command, cwd=part.folder, env=environment(**more), start_new_session=True
    )
    try:
        return running.wait(LONGEST)
    except (subprocess.TimeoutExpired, KeyboardInterrupt) as why:
        os.killpg(running.pid, signal.SIGINT)
        try:
            running.wait(20)
        except subprocess.TimeoutExpired:
            os.killpg(running.pid, signal.SIGKILL)
        if isinstance(why, KeyboardInterrupt):
            raise Stop("stopped by you.") from None
        print(f"{part.name}: ended after {LONGEST} s", flush=True)
        return 1


def main() -> None:
    """Runs the parts asked for (all without a name) and ends with their total."""
    asked = set(sys.argv[1:])
    every = parts()
    if unknown := asked - {part.name for part in every} - {part.group for part in every}:
        raise Stop(f"no such part: {', '.join(sorted(unknown))}.")
    chosen = [part for part in every if not asked or asked & {part.name, part.group}]
    REPORTS.mkdir(parents=True, exist_ok=True)
    whole, lines = total.Total(), []
    for part in chosen:
        print(f"\n=== {part.name}: {' '.join(part.command[1:])}", flush=True)
        began = time.monotonic()
        code = _run(part)
        counted = total.of_part(part.report, code)
        whole += counted
        verdict = "FAILED" if code or counted.failed else "good"
        lines.append(f"{verdict:7} {part.name:12} {time.monotonic() - began:6.1f} s  {counted}")
    print("\n" + "\n".join(lines))
    print(whole, flush=True)
    raise SystemExit(1 if whole.failed else 0)


if __name__ == "__main__":
    main()
