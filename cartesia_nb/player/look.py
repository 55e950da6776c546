"""What of a player is shown and how large, as traits that refuse what they do not know."""

from __future__ import annotations

import contextlib
import math
from collections.abc import Iterable
from numbers import Real

import traitlets

from cartesia_nb.errors import SettingsError

#: The parts of a player, from top to bottom.
PARTS = ("wave", "spectrogram", "words", "latency")
#: The smallest and the largest size; 1.0 is for a notebook, 2.0 for a projector.
SIZES = (0.75, 3.0)


class Parts(traitlets.TraitType[tuple[str, ...], "Iterable[str]"]):
    """A selection of `PARTS`, kept in their order and each once."""

    def __init__(self, *, help: str) -> None:
        super().__init__(PARTS, help=help)

    # The name and the arguments are traitlets'.

    def validate(self, obj: traitlets.HasTraits, value: object) -> tuple[str, ...]:
        """The parts as a tuple; SettingsError for anything else."""
        known = ", ".join(repr(part) for part in PARTS)
        if isinstance(value, str) or not isinstance(value, Iterable):
            raise SettingsError(f"show is {value!r}; give some of {known}, as in show=('wave',).")
        wanted = list(value)
        for part in wanted:
            if part not in PARTS:
                raise SettingsError(f"A player has no part {part!r}; show takes some of {known}.")
        return tuple(part for part in PARTS if part in wanted)


class Size(traitlets.TraitType[float, float]):
    """A factor within `SIZES`."""

    def __init__(self, *, help: str) -> None:
        super().__init__(1.0, help=help)

    def validate(self, obj: traitlets.HasTraits, value: object) -> float:
        """The factor as a float; SettingsError for anything else."""
        low, high = SIZES
        number = math.nan
        if not isinstance(value, bool) and isinstance(value, Real):
            # What is too large for a float is too large.
            with contextlib.suppress(OverflowError):
                number = float(value)
        if not low <= number <= high:
            raise SettingsError(
                f"The size is {value!r}; it must be a number from {low} to {high}. 1.0 suits a "
                "notebook and 2.0 a projector."
            )
        return number
