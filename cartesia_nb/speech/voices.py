"""The voices that a server has: a table to choose from, and the cache that fills it."""

from __future__ import annotations

import asyncio
import dataclasses
import difflib
import time
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Final, overload

from cartesia_nb.errors import CartesiaNbError, SettingsError
from cartesia_nb.protocol import limits
from cartesia_nb.speech import voicetable
from cartesia_nb.speech.samples import sample

if TYPE_CHECKING:
    from cartesia_nb.speech.take import Take

FRESH_S: Final = 300.0
"""A list of voices is asked for again after this many seconds."""


@dataclass(frozen=True)
class Voice:
    """A voice to speak with: ``say(text, voice=voice)``. Safe to share between threads.

    What the server does not tell is ``None``, or empty where it is text.

    Attributes:
        id: what a request names it by.
        name: for people; others may have the same.
        tagline: a few words.
        description: a sentence or two.
        language: two-letter code of its own language.
        locales: codes such as ``en-GB`` of all that it speaks, its own first.
        gender: one of ``limits.GENDERS``.
        accent: Cartesia's name of its accent, such as ``parisian``.
        mine: whether the key's owner made it.
    """

    id: str
    name: str = ""
    tagline: str = ""
    description: str = ""
    language: str | None = None
    locales: tuple[str, ...] = ()
    gender: str | None = None
    accent: str | None = None
    mine: bool | None = None
    # No field, so that a row of voices copies, pickles and becomes a data frame without a session.
    # Any arguments: it is say() or something like it.
    _speak: ClassVar[Callable[..., Take] | None] = None

    @classmethod
    def of(cls, row: object) -> Voice | None:
        """A voice from a row as the SDK gives it, of which any field may be missing.

        ``None`` if it has no id.
        """
        voice_id = _text(row, "id")
        if voice_id is None:
            return None
        mine = getattr(row, "is_owner", None)
        return cls(
            id=voice_id,
            name=_text(row, "name") or "",
            tagline=_text(row, "tagline") or "",
            description=_text(row, "description") or "",
            language=_text(row, "language"),
            locales=_locales(row),
            gender=_text(row, "gender"),
            accent=_text(row, "accent"),
            mine=mine if isinstance(mine, bool) else None,
        )

    def with_speak(self, speak: Callable[..., Take]) -> Voice:
        """The same voice, whose ``preview`` calls ``speak``."""
        made = dataclasses.replace(self)
        object.__setattr__(made, "_speak", speak)
        return made

    def __getstate__(self) -> dict[str, object]:
        return {each.name: getattr(self, each.name) for each in dataclasses.fields(self)}

    def speaks(self, language: str) -> bool:
        """Whether it is documented to speak ``language``: ``en`` (any English) or ``en-GB``."""
        wanted = language.casefold().replace("_", "-")
        codes = [code.casefold() for code in (self.language, *self.locales) if code]
        return any(code == wanted or code.partition("-")[0] == wanted for code in codes)

    def preview(self, text: str | None = None) -> Take:
        """Speak a short greeting in the voice's own language, or ``text``. As ``say`` does.

        Raises:
            CartesiaNbError: the voice is not of a session's ``voices()``.
        """
        if self._speak is None:
            raise CartesiaNbError(
                "This voice came without a session to speak through. Take it from "
                f"connect().voices(), or call say(text, voice={self.id!r})."
            )
        settings = {"voice": self.id}
        if self.language is not None:
            settings["language"] = self.language
        return self._speak(sample(self.language) if text is None else text, **settings)


class Voices(Sequence[Voice]):
    """Voices, read-only: by number, by name or id, or a slice of them. Shown as a table.

    Safe to share between threads.

    Args:
        voices: what is in it.
        speak: what ``voice.preview()`` calls: ``say``, or what takes the same arguments.
    """

    def __init__(
        self, voices: Iterable[Voice], *, speak: Callable[..., Take] | None = None
    ) -> None:
        if speak is not None:
            voices = (voice.with_speak(speak) for voice in voices)
        self._voices = tuple(voices)

    @overload
    def __getitem__(self, key: int | str) -> Voice: ...
    @overload
    def __getitem__(self, key: slice) -> Voices: ...
    def __getitem__(self, key: int | str | slice) -> Voice | Voices:
        """One voice by its number, id or name; some by a slice.

        Raises:
            IndexError: there is no such number.
            SettingsError: no voice, or more than one, has that name.
        """
        if isinstance(key, slice):
            return Voices(self._voices[key])
        if isinstance(key, str):
            return self._named(key)
        return self._voices[key]

    def _named(self, name: str) -> Voice:
        wanted = name.strip().casefold()
        found = [voice for voice in self._voices if voice.id == name.strip()]
        found = found or [voice for voice in self._voices if voice.name.casefold() == wanted]
        if len(found) == 1:
            return found[0]
        if found:
            raise SettingsError(
                f"{len(found)} of these voices are named {name!r}. Take one by its number, "
                f"{', '.join(str(self._voices.index(voice)) for voice in found)}, or by its id."
            )
        names = {voice.name.casefold(): voice.name for voice in self._voices}
        near = difflib.get_close_matches(wanted, names, n=1, cutoff=0.5)
        raise SettingsError(
            f"None of these {len(self)} voices is named {name!r}. "
            + (f"Did you mean {names[near[0]]!r}?" if near else "Show them to see their names.")
        )

    def __len__(self) -> int:
        return len(self._voices)

    def __contains__(self, voice: object) -> bool:
        if isinstance(voice, str):
            wanted = voice.strip().casefold()
            return any(wanted in (each.id.casefold(), each.name.casefold()) for each in self)
        return voice in self._voices

    def __repr__(self) -> str:
        return voicetable.text(self._voices)

    def _repr_html_(self) -> str:
        return voicetable.html(self._voices)


def check_filters(*, language: object, gender: object) -> None:
    """Check what voices are to be filtered by, before asking a server.

    Raises:
        SettingsError: ``language`` or ``gender`` is not known; says what is.
    """
    if gender is not None and gender not in limits.GENDERS:
        raise SettingsError(f"gender is {gender!r}; allowed are {', '.join(limits.GENDERS)}.")
    if language is None:
        return
    if not isinstance(language, str) or _primary(language) not in limits.LANGUAGES:
        raise SettingsError(
            f"language is {language!r}; it takes a code, alone or with a region (en-GB), of "
            f"{', '.join(limits.LANGUAGES)}."
        )


class Catalogue:
    """The voices of one server, each list kept for five minutes. For the network loop alone.

    Args:
        fetch: asks the server for all voices of a gender, matching a query, of the key's owner
            alone; ``Rest.voices`` does.
        speak: for ``Voices``.
        clock: seconds, monotonic.
    """

    def __init__(
        self,
        fetch: Callable[[str | None, str | None, bool], Awaitable[Sequence[object]]],
        *,
        speak: Callable[..., Take] | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._fetch = fetch
        self._speak = speak
        self._clock = clock
        self._kept: dict[_Key, tuple[float, asyncio.Task[tuple[Voice, ...]]]] = {}

    async def voices(
        self,
        *,
        language: str | None = None,
        gender: str | None = None,
        query: str | None = None,
        mine: bool = False,
    ) -> Voices:
        """The voices that match, from the server or, for five minutes, from memory.

        Args:
            language: a code: ``en`` for any English, ``en-GB`` for that locale.
            gender: one of ``limits.GENDERS``.
            query: searched for by the server, in names, descriptions and ids.
            mine: only those that the key's owner made.

        Raises:
            SettingsError: ``language`` or ``gender`` is not known.
            CartesiaNbError: as ``fetch`` raises; it is not kept, the next call asks again.
        """
        check_filters(language=language, gender=gender)
        # Shielded, so that a caller who gives up does not take it from the others.
        found = await asyncio.shield(self._listed((gender, query or None, mine)))
        if language is not None:
            found = tuple(voice for voice in found if voice.speaks(language))
        return Voices(found, speak=self._speak)

    def _listed(self, key: _Key) -> asyncio.Task[tuple[Voice, ...]]:
        now = self._clock()
        self._kept = {key: kept for key, kept in self._kept.items() if now - kept[0] < FRESH_S}
        if key in self._kept:
            return self._kept[key][1]
        task = asyncio.get_running_loop().create_task(self._read(key))
        self._kept[key] = now, task
        task.add_done_callback(lambda done: self._drop_failed(key, done))
        return task

    async def _read(self, key: _Key) -> tuple[Voice, ...]:
        return tuple(filter(None, map(Voice.of, await self._fetch(*key))))

    def _drop_failed(self, key: _Key, task: asyncio.Task[tuple[Voice, ...]]) -> None:
        # Asking for the exception also keeps asyncio from complaining where nobody waits any more.
        failed = task.cancelled() or task.exception() is not None
        if failed and key in self._kept and self._kept[key][1] is task:
            del self._kept[key]


_Key = tuple["str | None", "str | None", bool]


def _primary(language: str) -> str:
    return language.casefold().replace("_", "-").partition("-")[0]


def _text(row: object, name: str) -> str | None:
    value = getattr(row, name, None)
    return value if isinstance(value, str) and value else None


def _locales(row: object) -> tuple[str, ...]:
    given = getattr(row, "locales", None)
    if not isinstance(given, list | tuple):
        return ()
    ranked = []
    for each in given:
        code = each if isinstance(each, str) else _text(each, "locale")
        if code is not None:
            ranked.append((getattr(each, "is_native", None) is not True, code))
    # Stable: the server's order but for the voice's own locale.
    ranked.sort(key=lambda pair: pair[0])
    return tuple(code for _, code in ranked)
