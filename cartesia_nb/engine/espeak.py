"""The espeak-ng library through ctypes: text in, samples and events out.

The struct and the constants are those of espeak-ng's ``speak_lib.h``. The library keeps its
state in globals: one thread at a time, and one ``Espeak`` per process.
"""

from __future__ import annotations

import _ctypes
import ctypes
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final, NamedTuple

import espeakng_loader
import numpy as np
import numpy.typing as npt

_SYNCHRONOUS: Final = 2
_PHONEME_EVENTS: Final = 0x0001
_PHONEME_IPA: Final = 0x0002
_DONT_EXIT: Final = 0x8000
_UTF8: Final = 1
_RATE, _PITCH, _RANGE = 1, 3, 4
_WORD, _PHONEME = 1, 7


class _EventId(ctypes.Union):
    _fields_ = (
        ("number", ctypes.c_int),
        ("name", ctypes.c_char_p),
        ("string", ctypes.c_char * 8),
    )


class _Event(ctypes.Structure):
    _fields_ = (
        ("type", ctypes.c_int),
        ("unique_identifier", ctypes.c_uint),
        ("text_position", ctypes.c_int),
        ("length", ctypes.c_int),
        ("audio_position", ctypes.c_int),
        ("sample", ctypes.c_int),
        ("user_data", ctypes.c_void_p),
        ("id", _EventId),
    )


_Callback = ctypes.CFUNCTYPE(
    ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.POINTER(_Event)
)


@dataclass(frozen=True, slots=True)
class Manner:
    """How to speak: espeak-ng's own parameters."""

    voice: str
    """A voice's identifier, with a variant if any: ``"gmw/en-US+f2"``."""
    rate: int = 175
    """Words a minute, 80 to 450."""
    pitch: int = 50
    """Base pitch, 0 to 100."""
    pitch_range: int = 50
    """How far the pitch moves, 0 to 100; 0 is monotone."""


class WordMark(NamedTuple):
    """Where a word begins."""

    position: int
    """Index of its first character in the text."""
    sample: int


class PhonemeMark(NamedTuple):
    """Where a phoneme begins; an empty one is a pause."""

    phoneme: str
    """IPA, with stress and length marks."""
    sample: int


class Rendering(NamedTuple):
    """What the library made of one text."""

    samples: npt.NDArray[np.int16]
    words: list[WordMark]
    phonemes: list[PhonemeMark]


class EspeakError(Exception):
    """The library refused something; the text says what."""


class Espeak:
    """The library; not for two threads at once.

    It is loaded anew for every text, which takes 1.5 ms: it keeps the phase of its pitch flutter
    and of its noise in globals that nothing resets, and the same text with the same settings
    is to give the same samples, whatever was said before it. (Where an unloaded library stays in
    memory, only that is lost.)

    Raises:
        EspeakError: the library or its data can't be used.
    """

    def __init__(self) -> None:
        self._blocks: list[npt.NDArray[np.int16]] = []
        self._words: list[WordMark] = []
        self._phonemes: list[PhonemeMark] = []
        # Kept: the library holds only a C pointer to it.
        self._callback = _Callback(self._receive)
        with self._loaded() as (_, rate):
            self.sample_rate = rate
            """Of the samples it makes, in Hz (22,050 for all its formant voices)."""

    def render(self, text: str, manner: Manner) -> Rendering:
        """Speak ``text`` to the end; a few milliseconds for a sentence.

        Raises:
            EspeakError: the voice is unknown, or the library failed.
        """
        self._blocks, self._words, self._phonemes = [], [], []
        # A NUL would end the text for the library.
        encoded = text.replace("\0", " ").encode("utf-8", "replace")
        with self._loaded() as (library, _):
            if library.espeak_SetVoiceByName(manner.voice.encode()) != 0:
                raise EspeakError(f"espeak-ng has no voice {manner.voice!r}.")
            library.espeak_SetParameter(_RATE, manner.rate, 0)
            library.espeak_SetParameter(_PITCH, manner.pitch, 0)
            library.espeak_SetParameter(_RANGE, manner.pitch_range, 0)
            status = library.espeak_Synth(encoded, len(encoded) + 1, 0, 1, 0, _UTF8, None, None)
        if status != 0:
            raise EspeakError(f"espeak-ng failed with status {status}.")
        samples = np.concatenate(self._blocks) if self._blocks else np.zeros(0, np.int16)
        return Rendering(samples, self._words, self._phonemes)

    @contextmanager
    def _loaded(self) -> Iterator[tuple[ctypes.CDLL, int]]:
        """The library, freshly initialised, and its sample rate."""
        library = ctypes.CDLL(espeakng_loader.get_library_path())
        library.espeak_Synth.argtypes = (
            ctypes.c_char_p, ctypes.c_size_t, ctypes.c_uint, ctypes.c_int, ctypes.c_uint,
            ctypes.c_uint, ctypes.c_void_p, ctypes.c_void_p,
        )  # fmt: skip
        data = str(espeakng_loader.get_data_path()).encode()
        options = _PHONEME_EVENTS | _PHONEME_IPA | _DONT_EXIT
        try:
            rate = int(library.espeak_Initialize(_SYNCHRONOUS, 0, data, options))
            if rate <= 0:
                raise EspeakError(f"espeak-ng did not start with its data in {data.decode()!r}.")
            library.espeak_SetSynthCallback(self._callback)
            # The noise in its consonants; else seeded from the clock.
            library.espeak_ng_SetRandSeed(ctypes.c_long(1))
            yield library, rate
        finally:
            library.espeak_Terminate()
            if sys.platform == "win32":
                _ctypes.FreeLibrary(library._handle)
            else:
                _ctypes.dlclose(library._handle)

    def _receive(
        self, wav: ctypes._Pointer[ctypes.c_short], count: int, events: ctypes._Pointer[_Event]
    ) -> int:
        if count > 0:
            self._blocks.append(np.ctypeslib.as_array(wav, (count,)).copy())
        index = 0
        while events[index].type != 0:
            event = events[index]
            if event.type == _WORD:
                self._words.append(WordMark(event.text_position - 1, event.sample))
            elif event.type == _PHONEME:
                phoneme = event.id.string.decode("utf-8", "ignore")
                self._phonemes.append(PhonemeMark(phoneme, event.sample))
            index += 1
        return 0
