"""Print the table of faults with what came of each, as ``make faults`` does.

    python -m tests.faults [--write]

Each cell is what came of it before four consumers (one that waits, one that iterates, one with
``async for``, none), run on the router alone, and the most seconds of its clock from saying to
end. ``--write`` also puts the table into CONTRIBUTING.md.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Final

from tests.faults.alone import Result, run
from tests.faults.promises import CONSUMERS, MEANING, MOMENTS, ROWS, SPOKEN, Moment, Row

PAGE: Final = Path(__file__).parents[2] / "CONTRIBUTING.md"
BEGIN: Final = "<!-- faults: written by `make faults` -->\n"
END: Final = "<!-- faults: end -->\n"


def table() -> str:
    """The table in Markdown, from a run of all of it."""
    lines = [
        "| fault | " + " | ".join(SPOKEN[moment] for moment in MOMENTS) + " |",
        "|---" * (len(MOMENTS) + 1) + "|",
    ]
    for row in ROWS:
        cells = [_cell(row, moment) if moment in row.promised else "" for moment in MOMENTS]
        lines.append(f"| {row.name} | " + " | ".join(cells) + " |")
    return "\n".join(lines) + "\n"


def _cell(row: Row, moment: Moment) -> str:
    results = [run(row.kind, moment, each, for_ever=row.for_ever) for each in CONSUMERS]
    said = {_outcome(result) for result in results}
    seconds = max(result.seconds for result in results)
    return f"{' / '.join(sorted(said))}, {seconds:.1f} s"


def _outcome(result: Result) -> str:
    if result.kept != result.given:
        return "**samples lost**"
    if result.next_state != "done":
        return "**the next take fails**"
    if result.state == "done":
        return MEANING["again"] if result.resent else MEANING["whole"]
    return type(result.error).__name__


def main(arguments: list[str]) -> int:
    """Print the table, and write it where it stands."""
    found = table()
    print(found, end="")
    if "--write" in arguments:
        before, _, rest = PAGE.read_text("utf-8").partition(BEGIN)
        _, _, after = rest.partition(END)
        PAGE.write_text(before + BEGIN + found + END + after, "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
