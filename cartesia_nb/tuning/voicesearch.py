"""Finding a voice among hundreds: what matches, what there is to choose from, how it reads."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from typing import Final

from cartesia_nb.speech.voices import Voice
from cartesia_nb.speech.wording import plain, shortened

LANGUAGE_NAMES: Final = {
    "ar": "Arabic", "bg": "Bulgarian", "bn": "Bengali", "cs": "Czech", "da": "Danish",
    "de": "German", "el": "Greek", "en": "English", "es": "Spanish", "fi": "Finnish",
    "fr": "French", "gu": "Gujarati", "he": "Hebrew", "hi": "Hindi", "hr": "Croatian",
    "hu": "Hungarian", "id": "Indonesian", "it": "Italian", "ja": "Japanese", "ka": "Georgian",
    "kn": "Kannada", "ko": "Korean", "ml": "Malayalam", "mr": "Marathi", "ms": "Malay",
    "nl": "Dutch", "no": "Norwegian", "or": "Odia", "pa": "Punjabi", "pl": "Polish",
    "pt": "Portuguese", "ro": "Romanian", "ru": "Russian", "sk": "Slovak", "sv": "Swedish",
    "ta": "Tamil", "te": "Telugu", "th": "Thai", "tl": "Tagalog", "tr": "Turkish",
    "uk": "Ukrainian", "ur": "Urdu", "vi": "Vietnamese", "zh": "Chinese",
}  # fmt: skip
"""Code (of ``limits.LANGUAGES``) to its name in English."""


class VoiceSearch:
    """A list of voices, made ready to be searched as one types. Any thread.

    Args:
        voices: what to search, in the order in which it is shown.
    """

    def __init__(self, voices: Sequence[Voice] = ()) -> None:
        self.voices = tuple(voices)
        self._by_id = {voice.id: voice for voice in self.voices}
        self._texts = [_searched(voice) for voice in self.voices]

    def find(
        self, text: str = "", *, language: str | None = None, gender: str | None = None
    ) -> list[Voice]:
        """The voices in whose name, tagline, description, accent or id every word is found.

        Args:
            text: words or parts of words; capitals and accents on letters make no difference.
            language: code of a language that they speak.
            gender: one of ``genders``.
        """
        words = _bare(text).split()
        return [
            voice
            for voice, searched in zip(self.voices, self._texts, strict=True)
            if (gender is None or voice.gender == gender)
            and (language is None or voice.speaks(language))
            and all(word in searched for word in words)
        ]

    def by_id(self, voice_id: str) -> Voice | None:
        """The voice of that id, if it is in the list."""
        return self._by_id.get(voice_id)

    @property
    def languages(self) -> list[tuple[str, str]]:
        """Names and codes of the languages that are spoken, by name."""
        codes = {_primary(code) for voice in self.voices for code in _codes(voice)}
        return sorted((f"{LANGUAGE_NAMES.get(code, code)} ({code})", code) for code in codes)

    @property
    def genders(self) -> list[tuple[str, str]]:
        """Names and values of the genders that there are."""
        known = {voice.gender for voice in self.voices if voice.gender is not None}
        return sorted((gender.replace("_", " "), gender) for gender in known)


def row(voice: Voice) -> str:
    """One line: name, language, gender, accent; what is not known is left out."""
    language = voice.locales[0] if voice.locales else voice.language
    gender = None if voice.gender is None else voice.gender.replace("_", " ")
    parts = (named(voice), "yours" if voice.mine else None, language, gender, voice.accent)
    return " · ".join(plain(part) for part in parts if part)


def named(voice: Voice) -> str:
    """What to call it: its name, else its id."""
    return shortened(plain(voice.name) or plain(voice.id), 60)


def about(voice: Voice) -> str:
    """What is told of it, in a few sentences; empty where nothing is."""
    told = [plain(text) for text in (voice.tagline, voice.description) if text]
    if len(voice.locales) > 1:
        told.append(f"Speaks {', '.join(voice.locales)}")
    return shortened(". ".join(text.rstrip(".") for text in told) + "." if told else "", 600)


def _searched(voice: Voice) -> str:
    codes = _codes(voice)
    languages = [LANGUAGE_NAMES.get(_primary(code), "") for code in codes]
    gender = (voice.gender or "").replace("_", " ")
    parts = [voice.name, voice.tagline, voice.description, voice.id, voice.accent or "", gender]
    return _bare("\n".join([*parts, *codes, *languages]))


def _bare(text: str) -> str:
    # The marks of an accented letter are characters of their own in this form.
    apart = unicodedata.normalize("NFKD", text.casefold())
    return "".join(each for each in apart if not unicodedata.combining(each))


def _codes(voice: Voice) -> list[str]:
    return [code for code in (voice.language, *voice.locales) if code]


def _primary(code: str) -> str:
    return code.casefold().replace("_", "-").partition("-")[0]
