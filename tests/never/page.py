"""The second column of docs/reference/never.md: what was added, and the test that then failed."""

from collections.abc import Iterator

from tests.never import app, care, colours, reports  # noqa: F401 - they name the things
from tests.never.hand import MUTANTS, Mutant

PAGE = "docs/reference/never.md"


def written(text: str) -> str:
    """The page with that column as the things say it; a line that nothing breaks stops here."""
    return "\n".join(_lines(text.splitlines())) + "\n"


def _lines(lines: list[str]) -> Iterator[str]:
    left = {mutant.line for mutant in MUTANTS}
    for line in lines:
        first = line.strip("|").partition("|")[0].strip()
        if not line.startswith("| ") or first == "never":
            yield line
            continue
        against = [mutant for mutant in MUTANTS if first.startswith(mutant.line)]
        assert against, f"nothing was ever added against: {first}"
        left -= {mutant.line for mutant in against}
        yield f"| {first} | {'<br>'.join(map(_added, against))} |"
    assert left == set(), f"no line on the page: {left}"


def _added(mutant: Mutant) -> str:
    return f"{mutant.what} {' '.join(f'`{test}`' for test in mutant.tests)}"
