"""What the answers of a blind test come to."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Final, overload

from cartesia_nb.analysis.statistics import binomial_p, interval
from cartesia_nb.speech.wording import count

SIGNIFICANT: Final = 0.05


@dataclass(frozen=True)
class Score:
    """The answers on one pair.

    Attributes:
        kind: ``ab`` or ``abx``.
        a: label of the one; ``b`` of the other.
        text_number: of the text that it is about, from 1; ``None`` for all of them together.
        n: answers.
        wins: in an ab test how often ``a`` was preferred, in an abx test how often X was named
            rightly.
        share: ``wins / n``; ``None`` without answers.
        low: of the 95 % interval of the share (Clopper-Pearson); ``high`` likewise.
        p: how likely it is that mere guessing comes so far from half, to either side, in an ab
            test; in an abx test, that it is right as often or more often. Exact, binomial.
    """

    kind: str
    a: str
    b: str
    text_number: int | None
    n: int
    wins: int
    share: float | None
    low: float
    high: float
    p: float

    def describe(self) -> str:
        """It in a sentence."""
        where = "" if self.text_number is None else f", text {self.text_number}"
        pair = f"{self.a} and {self.b}{where}"
        if self.share is None:
            return f"{pair}: no answers yet."
        figures = (
            f"({self.share:.0%}, 95% interval {self.low:.0%} to {self.high:.0%}, {_p(self.p)})"
        )
        of = f"of {count(self.n, 'trial')}"
        if self.kind == "abx":
            said = "they are told apart" if self.p < SIGNIFICANT else "no difference is shown"
            return f"{pair}: X was named rightly in {self.wins} {of} {figures}: {said}."
        if self.p < SIGNIFICANT:
            said = f"{self.a if self.share > 0.5 else self.b} is preferred"
        else:
            said = "no preference is shown"
        return f"{pair}: {self.a} was preferred in {self.wins} {of} {figures}: {said}."


class Results(Sequence[Score]):
    """The scores of a blind test: a ``Score`` for each pair, and with several texts one for each
    pair and text behind them. ``print`` them.

    Args:
        kind: ``ab`` or ``abx``.
        scores: of each pair.
        left: trials that are not answered.
        remarks: what else is to be known, in sentences.
    """

    def __init__(
        self, kind: str, scores: Sequence[Score], left: int, remarks: Sequence[str] = ()
    ) -> None:
        self.kind = kind
        self.left = left
        self.remarks = tuple(remarks)
        self._scores = tuple(scores)

    def to_records(self) -> list[dict[str, str | float | int | None]]:
        """All scores as a list of plain dicts, for ``pandas.DataFrame`` and the like."""
        return [asdict(score) for score in self._scores]

    def lines(self) -> list[str]:
        """All of it in sentences."""
        said = [score.describe() for score in self._scores]
        pairs = sum(score.text_number is None for score in self._scores)
        if len(self._scores) > 1:
            said.append(
                f"Each p is of its own line alone; where one of {len(self._scores)} is to count, "
                f"hold it against {SIGNIFICANT}/{len(self._scores)} = "
                f"{SIGNIFICANT / len(self._scores):.2g}."
                if pairs > 1
                else "The first line is of all texts together."
            )
        if self.left:
            said.append(
                f"{count(self.left, 'trial')} {'is' if self.left == 1 else 'are'} left; p holds "
                "when all are answered, not where one stops at a good moment."
            )
        return [*said, *self.remarks]

    def __len__(self) -> int:
        return len(self._scores)

    @overload
    def __getitem__(self, index: int) -> Score: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[Score, ...]: ...
    def __getitem__(self, index: int | slice) -> Score | tuple[Score, ...]:
        return self._scores[index]

    def __iter__(self) -> Iterator[Score]:
        return iter(self._scores)

    def __str__(self) -> str:
        return "\n".join(self.lines())

    __repr__ = __str__


def scored(
    kind: str,
    pairs: Iterable[tuple[str, str]],
    texts: int,
    records: Iterable[Mapping[str, object]],
    left: int,
    remarks: Sequence[str] = (),
) -> Results:
    """The results of answers.

    Args:
        kind: ``ab`` or ``abx``.
        pairs: the labels that are compared.
        texts: how many texts there are.
        records: the answers, as ``BlindTest.to_records`` gives them.
        left: trials that are not answered.
        remarks: see ``Results``.
    """
    rows = list(records)
    numbers: list[int | None] = [None, *(range(1, texts + 1) if texts > 1 else ())]
    pairs = list(pairs)
    scores = [_score(kind, a, b, number, rows) for number in numbers for a, b in pairs]
    return Results(kind, scores, left, remarks)


def _score(
    kind: str, a: str, b: str, number: int | None, records: Sequence[Mapping[str, object]]
) -> Score:
    rows = [
        row
        for row in records
        if (row["a"], row["b"]) == (a, b) and number in (None, row["text_number"])
    ]
    n = len(rows)
    wins = sum(bool(row["correct"]) if kind == "abx" else row["chosen"] == a for row in rows)
    low, high = interval(wins, n) if n else (0.0, 1.0)
    p = binomial_p(wins, n, alternative="greater" if kind == "abx" else "two-sided") if n else 1.0
    return Score(kind, a, b, number, n, wins, wins / n if n else None, low, high, p)


def _p(value: float) -> str:
    return "p below 0.001" if value < 0.001 else f"p = {value:.2g}"
