"""espeak-ng's voices, described as Cartesia describes its own.

Each language has a masculine voice and, by espeak-ng's variants, a feminine one; English has
more. An id from elsewhere maps to one of them, always the same.
"""

from __future__ import annotations

import hashlib
import uuid
from dataclasses import dataclass
from functools import cache
from typing import Final

from cartesia_nb.engine.accents import ACCENTS, Accent

_NAMESPACE: Final = uuid.uuid5(uuid.NAMESPACE_URL, "https://github.com/espeak-ng/espeak-ng")
_CREATED: Final = "2007-01-01T00:00:00Z"

# espeak-ng's variants: a suffix, whom it sounds like, and what it adds to the name.
_USUAL: Final = (("", "masculine", "Low"), ("+f3", "feminine", "High"))
_MORE: Final = (
    ("+m3", "masculine", "Steady"),
    ("+m7", "masculine", "Deep"),
    ("+f2", "feminine", "Clear"),
    ("+Annie", "feminine", "Bright"),
    ("+f5", "gender_neutral", "Soft"),
)


@dataclass(frozen=True, slots=True)
class Voice:
    """One voice of the catalogue."""

    id: str
    accent: Accent
    variant: str
    """espeak-ng's variant with its plus sign, or empty."""
    gender: str
    name: str

    @property
    def espeak(self) -> str:
        """What espeak-ng calls it."""
        return self.accent.espeak + self.variant

    def described(self) -> dict[str, object]:
        """As ``GET /voices/{id}`` gives it."""
        return {
            "id": self.id,
            "name": self.name,
            "tagline": f"{self.accent.name}, built in"[:32],
            "description": (
                f"{self.accent.name}, {self.gender.replace('_', ' ')}: espeak-ng's "
                f"{self.espeak!r}, from the built-in engine. Quick and plain, for trying things "
                "out without a key or a network."
            ),
            "language": self.accent.language,
            "locales": [{"locale": self.accent.locale, "is_native": True}],
            "country": self.accent.locale.rpartition("-")[2],
            "gender": self.gender,
            "created_at": _CREATED,
            "is_owner": False,
            "access": "public",
            "visibility": "all",
        }


@cache
def catalogue() -> tuple[Voice, ...]:
    """All voices, English first, then by language."""
    return tuple(
        _voice(accent, *variant)
        for accent in ACCENTS
        for variant in (*_USUAL, *(_MORE if accent.locale == "en-US" else ()))
    )


def find(voice_id: str) -> Voice | None:
    """The catalogue's voice of that id."""
    return next((voice for voice in catalogue() if voice.id == voice_id), None)


def stand_in(voice_id: str, language: str | None = None) -> Voice:
    """The voice that speaks for ``voice_id`` in ``language``: two letters, or ``None``.

    One of the catalogue's speaks as itself, or with its own variant in another language. Any
    other id gets a voice of the language (English if none is given), picked by its hash.
    """
    known = find(voice_id)
    if known is None:
        choices = [v for v in catalogue() if v.accent.language == (language or "en")]
        digest = hashlib.sha256(voice_id.encode("utf-8", "replace")).digest()
        return choices[int.from_bytes(digest[:8], "big") % len(choices)]
    if language in (None, known.accent.language):
        return known
    accent = next(accent for accent in ACCENTS if accent.language == language)
    return _voice(accent, known.variant, known.gender, "Abroad")


def _voice(accent: Accent, variant: str, gender: str, adjective: str) -> Voice:
    voice_id = str(uuid.uuid5(_NAMESPACE, f"{accent.locale}/{accent.espeak}{variant}"))
    return Voice(voice_id, accent, variant, gender, f"{accent.name} {adjective}")
