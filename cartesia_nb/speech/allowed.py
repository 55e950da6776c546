"""What each setting may be, as data: ``Settings`` checks by it, and a control takes its range,
its choices and its unit from it."""

from __future__ import annotations

import difflib
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final, Literal, TypeAlias

from cartesia_nb.errors import SettingsError
from cartesia_nb.protocol import encodings, limits, models

Kind: TypeAlias = Literal["text", "language", "choice", "number", "whole", "flag", "fields"]
"""``text``: any that is not empty. ``language``: a code of that form. ``choice``: one of
``choices``. ``number``: finite, within ``bounds``; ``whole`` likewise. ``flag``: True or False.
``fields``: a dict of request fields."""

# Codes may come that this version has not heard of, so only their form is checked.
_LANGUAGE: Final = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*")


@dataclass(frozen=True)
class Allowed:
    """What one setting may be.

    Attributes:
        kind: what sort of value it takes.
        about: what it is, in a few words, its unit included.
        optional: whether ``None`` is taken, which leaves it to the server.
        bounds: the least and the greatest value of a ``number`` or a ``whole``.
        choices: all that a ``choice`` can be; of a ``text`` or a ``language`` those that are known
            here, where others are taken as well.
        unit: of a ``number`` or a ``whole``; empty for a factor.
    """

    kind: Kind
    about: str
    optional: bool = False
    bounds: tuple[float, float] | None = None
    choices: tuple[str | int, ...] = ()
    unit: str = ""

    @property
    def range(self) -> str:
        """The bounds and the unit in words, ``0.6 to 1.5``; empty where there are none."""
        if self.bounds is None:
            return ""
        return " ".join(filter(None, [f"{self.bounds[0]} to {self.bounds[1]}", self.unit]))

    def check(self, name: str, value: object) -> None:
        """Check a value of the setting called ``name``. ``fields`` are left to ``extra.read``.

        Raises:
            SettingsError: it is of the wrong kind or out of range; says what is allowed.
        """
        if value is None and self.optional:
            return
        if self.kind == "text":
            _text(name, value)
        elif self.kind == "language":
            self._language(name, value)
        elif self.kind == "choice":
            self._choice(name, value)
        elif self.kind == "number":
            self._number(name, value)
        elif self.kind == "whole":
            self._whole(name, value)
        elif self.kind == "flag" and not isinstance(value, bool):
            raise SettingsError(f"{name} is {value!r}; it takes True or False.")

    def _language(self, name: str, value: object) -> None:
        if not isinstance(value, str) or not _LANGUAGE.fullmatch(value):
            raise SettingsError(
                f"{name} is {value!r}; it takes a code in small letters, such as "
                f"{', '.join(map(str, self.choices))}."
            )

    def _choice(self, name: str, value: object) -> None:
        if isinstance(value, bool) or value not in self.choices:
            near = difflib.get_close_matches(str(value), [str(a) for a in self.choices], n=1)
            hint = f" Did you mean {near[0]!r}?" if near else ""
            names = ", ".join(str(a) for a in self.choices)
            raise SettingsError(f"{name} is {value!r}; allowed are {names}.{hint}")

    def _number(self, name: str, value: object) -> None:
        assert self.bounds is not None
        low, high = self.bounds
        number = isinstance(value, int | float) and not isinstance(value, bool)
        if not number or not math.isfinite(value):  # type: ignore[arg-type]  # it is a number
            raise SettingsError(f"{name} is {value!r}; it takes a number from {self.range}.")
        if not low <= value <= high:  # type: ignore[operator]  # it is a number
            raise SettingsError(f"{name} is {value!r}; allowed is {self.range}.")

    def _whole(self, name: str, value: object) -> None:
        assert self.bounds is not None
        low, high = self.bounds
        if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
            raise SettingsError(f"{name} is {value!r}; allowed is a whole {self.range}.")


def _text(name: str, value: object) -> None:
    if not isinstance(value, str) or not value.strip():
        raise SettingsError(f"{name} is {value!r}; it takes a text that is not empty.")


ALLOWED: Final[Mapping[str, Allowed]] = MappingProxyType(
    {
        "model_id": Allowed("text", "the model; any id is taken", choices=tuple(models.MODELS)),
        "voice": Allowed("text", "a voice's id; any is taken"),
        "language": Allowed(
            "language", "code of the text's language", optional=True, choices=limits.LANGUAGES
        ),
        "encoding": Allowed("choice", "how a sample is encoded", choices=encodings.ENCODINGS),
        "sample_rate": Allowed(
            "choice", "samples a second, in Hz", choices=limits.SAMPLE_RATES, unit="Hz"
        ),
        "speed": Allowed(
            "number",
            "a factor; 1.0 is the voice's own pace",
            optional=True,
            bounds=limits.SPEED_RANGE,
        ),
        "volume": Allowed(
            "number",
            "a factor; 1.0 is the voice's own level",
            optional=True,
            bounds=limits.VOLUME_RANGE,
        ),
        "emotion": Allowed("choice", "how it is to sound", optional=True, choices=limits.EMOTIONS),
        "max_buffer_delay_ms": Allowed(
            "whole",
            "how long text may wait for more text",
            bounds=limits.BUFFER_DELAY_RANGE_MS,
            unit="ms",
        ),
        "add_timestamps": Allowed("flag", "ask for the times of words"),
        "add_phoneme_timestamps": Allowed("flag", "ask for the times of phonemes"),
        "use_normalized_timestamps": Allowed(
            "flag", "times for the text as it is spoken, not as it is written", optional=True
        ),
        "pronunciation_dict_id": Allowed(
            "text", "id of a pronunciation dictionary of your account", optional=True
        ),
        "extra": Allowed("fields", "request fields that this version does not know"),
    }
)
"""What each of the ``Settings`` may be, by its name, in their order."""
