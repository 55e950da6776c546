"""What an effect comes to, in sentences."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from cartesia_nb.analysis.effect import Effect
    from cartesia_nb.analysis.levels import Level

_NAMED_LEVELS: Final = 12

_NAMED_VALUES: Final = 3

_NAMES: Final = {"text": "the text", "rate_source": "where the span of speech is known from"}


def verdict(effect: Effect) -> str:
    """Whether an effect is seen, how large it is and what takes of one setting differ by."""
    measure, what = effect.measure, f"the {effect.measure.short}"
    if not effect.takes:
        hint = ' Run: pip install "cartesia-nb[analysis]"' if measure.name == "loudness" else ""
        return f"Nothing to be said: {what} is unknown of every take.{hint}"
    if effect.with_it:
        return (
            f"Nothing to be said: {effect.parameter} changed together with "
            f"{_listed([_NAMES.get(one, one) for one in effect.with_it])}, so what it did alone "
            "can't be told."
        )
    if effect.extremes is None or effect.change is None:
        return f"Nothing to be said: {what} is known of one {effect.parameter} alone."
    first, last = (name_of(effect, value) for value in effect.extremes)
    moved = f"from {effect.parameter} {first} to {last} {what} changed by "
    moved += measure.say_change(effect.change)
    if effect.seen is False:
        most = max(effect.change, 1 / effect.change) - 1 if measure.ratio else abs(effect.change)
        moved = f"with {_all(effect)} {what} differs by {measure.say_spread(most)} at most"
    elif effect.seen is None and effect.change_low is not None and effect.change_high is not None:
        ends = (measure.say_change(one) for one in (effect.change_low, effect.change_high))
        moved += f" ({' to '.join(ends)})"
    if effect.spread is None:
        spread = "each was spoken once"
    elif effect.spread == 0:
        spread = "takes of one setting do not differ"
    else:
        spread = f"takes of one setting differ by {measure.say_spread(effect.spread)}"
    lead = {True: "An effect is seen", False: "No effect seen", None: "Too few takes to tell"}
    return f"{lead[effect.seen]}: {moved}; {spread}."


def in_words(effect: Effect) -> str:
    """The verdict, what it rests on, and what was realised of what was asked."""
    return " ".join(filter(None, [verdict(effect), _basis(effect), _realised(effect)]))


def name_of(effect: Effect, value: object) -> str:
    """What a value that was asked for is called."""
    return next(one.name for one in effect.levels if one.value == value)


def _basis(effect: Effect) -> str:
    parts = [
        _count(effect.takes, "take") + (f" of {effect.texts} texts" if effect.texts > 1 else "")
    ]
    if effect.failed:
        parts.append(f"{effect.failed:,} more failed")
    if effect.unknown:
        parts.append(f"unknown of {effect.unknown:,} more")
    if effect.p is not None:
        parts.append("p < 0.0001" if effect.p < 1e-4 else f"p = {effect.p:.2g}")
    if effect.explained is not None:
        within = " within the texts" if effect.texts > 1 else ""
        share = "over 99" if effect.explained > 0.99 else f"{100 * effect.explained:.0f}"
        parts.append(f"{share} % of the variance{within} explained")
    return f"{', '.join(parts)}."


def _realised(effect: Effect) -> str:
    """Of a parameter that says what it wants, what came of each value."""
    furthest, miss = effect.furthest, effect.miss
    if furthest is None or miss is None or effect.seen is False:
        return ""
    came = [
        _came(effect, one)
        for one in effect.levels
        if one.change is not None and one.value != effect.reference
    ]
    if len(came) > _NAMED_LEVELS:
        came = [*came[: _NAMED_LEVELS - 1], "..."]
    off = f"{100 * miss:.1f} %" if effect.measure.ratio else f"{miss:.1f} dB"
    against = f"{effect.parameter} {name_of(effect, effect.reference)}"
    return (
        f"Against {against}: {', '.join(came)}; furthest from what was asked is "
        f"{furthest.name}, by {off}."
    )


def _came(effect: Effect, one: Level) -> str:
    assert one.change is not None
    if effect.measure.ratio:
        text = f"{one.name} came as {one.change:.3f}"
        if one.change_low is None or one.change_high is None:
            return text
        return f"{text} ({one.change_low:.3f} to {one.change_high:.3f})"
    return f"{one.name} came as {effect.measure.say_change(one.change)}"


def _all(effect: Effect) -> str:
    """The values that are known something of, all together."""
    known = [one for one in effect.levels if one.n]
    if len(known) <= _NAMED_VALUES:
        return f"{effect.parameter} {_listed([one.name for one in known])}"
    if any(isinstance(one.value, bool) or not isinstance(one.value, (int, float)) for one in known):
        return f"{len(known)} values of {effect.parameter}"
    return f"{effect.parameter} from {known[0].name} to {known[-1].name}"


def _listed(names: Sequence[str]) -> str:
    return " and ".join(filter(None, [", ".join(names[:-1]), names[-1]]))


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}" + ("" if number == 1 else "s")
