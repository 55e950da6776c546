"""What a sweep is to speak, in what order, and what that will cost. No I/O.

Takes are numbered repeat by repeat. They are generated repeat by repeat too, and within each repeat
in an order that is shuffled, each time in another way: a service that gets slower in the course of
a sweep, or is slow in the beginning, then falls on all settings alike, and does not look like an
effect of one of them (what is called a randomised block design; each repeat is a block). The
order comes from the number of the repeat alone, so that the same sweep always has the same.
"""

from __future__ import annotations

import random
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Final, NamedTuple, cast

from cartesia_nb.speech.settings import FIELDS, Json, Settings
from cartesia_nb.speech.wording import count, shortened

LETTERS_PER_S: Final = 15.0
"""Characters that a voice speaks in a second, about, in scripts with letters."""

SIGNS_PER_S: Final = 5.0
"""The same in Chinese, Japanese and Korean."""

PACE: Final = 3.0
"""Seconds of speech that are made in one second: the built-in engine's usual pace, and about that
of a cloud voice."""

START_S: Final = 0.1
"""From a text to its first audio, about."""


class Job(NamedTuple):
    """One take that a sweep is to make; numbers count from 1."""

    number: int
    text: str
    text_number: int
    repeat: int
    settings: Settings


class Estimate(NamedTuple):
    """What takes will cost: their characters, and the seconds until all are there, about."""

    takes: int
    characters: int
    seconds: float


@dataclass(frozen=True)
class Plan:
    """Texts, the settings that each is spoken with, and how often. Safe to share between threads.

    Attributes:
        texts: what is spoken.
        settings: how; none of them twice.
        repeats: how often each text is spoken with each settings.
        voices: by the ids of voices, what they are called, as far as that was said.
    """

    texts: tuple[str, ...]
    settings: tuple[Settings, ...]
    repeats: int
    voices: Mapping[str, str] = field(default_factory=dict, compare=False)

    @property
    def total(self) -> int:
        """How many takes there are."""
        return len(self.texts) * len(self.settings) * self.repeats

    def job(self, number: int) -> Job:
        """The take with a number, 1 to ``total``."""
        block, within = divmod(number - 1, len(self.texts) * len(self.settings))
        text, settings = divmod(within, len(self.settings))
        return Job(number, self.texts[text], text + 1, block + 1, self.settings[settings])

    def order(self) -> Iterator[int]:
        """The numbers of all takes, in the order of their generation."""
        size = len(self.texts) * len(self.settings)
        for block in range(self.repeats):
            numbers = list(range(block * size + 1, (block + 1) * size + 1))
            # random() alone is sure to give the same in every version of Python.
            draw = random.Random(block).random
            yield from sorted(numbers, key=lambda number: draw())

    def characters(self, numbers: Iterator[int] | None = None) -> int:
        """The characters of some takes, or of all of them."""
        if numbers is None:
            return sum(map(len, self.texts)) * len(self.settings) * self.repeats
        return sum(len(self.job(number).text) for number in numbers)

    @cached_property
    def varying(self) -> tuple[str, ...]:
        """The names of the settings that are not the same for all."""
        first = self.settings[0].to_dict()
        others = [each.to_dict() for each in self.settings[1:]]
        return tuple(name for name in FIELDS if any(each[name] != first[name] for each in others))

    def estimate(self, numbers: Iterator[int], at_once: int) -> Estimate:
        """What some takes will cost, at ``PACE`` and so many at once."""
        takes, characters, seconds = 0, 0, 0.0
        lengths = [speech_seconds(text) / PACE + START_S for text in self.texts]
        for number in numbers:
            job = self.job(number)
            takes += 1
            characters += len(job.text)
            seconds += lengths[job.text_number - 1]
        return Estimate(takes, characters, seconds / max(min(at_once, takes), 1))

    def shape(self) -> str:
        """``2 texts x 3 settings x 3 repeats``."""
        parts = [
            count(len(self.texts), "text"),
            f"{len(self.settings):,} settings",
            count(self.repeats, "repeat"),
        ]
        return " x ".join(parts)

    def to_dict(self) -> dict[str, Json]:
        """Plain values, for JSON."""
        return {
            "texts": list(self.texts),
            "settings": [each.to_dict() for each in self.settings],
            "repeats": self.repeats,
            "voices": dict(self.voices),
        }

    @classmethod
    def from_dict(cls, plain: Mapping[str, object]) -> Plan:
        """The plan that ``to_dict`` gave.

        Raises:
            SettingsError: a setting that this version does not know or allow.
            KeyError, TypeError, ValueError: it is no plan.
        """
        texts = cast("list[str]", plain["texts"])
        rows = cast("list[dict[str, object]]", plain["settings"])
        repeats = cast(int, plain["repeats"])
        if not (texts and rows and all(isinstance(text, str) for text in texts) and repeats >= 1):
            raise ValueError("its plan is empty")
        voices = cast("dict[str, str]", plain.get("voices", {}))
        named = {str(voice): str(name) for voice, name in voices.items()}
        return cls(tuple(texts), tuple(Settings.of(**row) for row in rows), repeats, named)

    def difference(self, other: Plan) -> str | None:
        """What another plan has otherwise, in words: "this against that"; ``None``: nothing."""
        if self.repeats != other.repeats:
            return f"repeats is {self.repeats} there and {other.repeats} here"
        if len(self.texts) != len(other.texts):
            return f"{count(len(self.texts), 'text')} there and {len(other.texts):,} here"
        for number, (mine, others) in enumerate(zip(self.texts, other.texts, strict=True), 1):
            if mine != others:
                return (
                    f"text {number} is {shortened(mine, 40)!r} there and "
                    f"{shortened(others, 40)!r} here"
                )
        if len(self.settings) != len(other.settings):
            return f"{len(self.settings):,} settings there and {len(other.settings):,} here"
        for number, (a, b) in enumerate(zip(self.settings, other.settings, strict=True), 1):
            there, here = a.to_dict(), b.to_dict()
            for name in FIELDS:
                if there[name] != here[name]:
                    return (
                        f"settings {number}: {name} is {there[name]!r} there, {here[name]!r} here"
                    )
        return None


def speech_seconds(text: str) -> float:
    """How long a text is when spoken, about."""
    wide = sum(unicodedata.east_asian_width(char) in "WF" for char in text)
    return wide / SIGNS_PER_S + (len(text) - wide) / LETTERS_PER_S


def duration(seconds: float) -> str:
    """About so long: ``20 s``, ``3 min``, ``2.5 h``."""
    if seconds < 90:
        return f"{max(round(seconds), 1)} s"
    if seconds < 90 * 60:
        return f"{round(seconds / 60)} min"
    return f"{seconds / 3600:.1f} h"
