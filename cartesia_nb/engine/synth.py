"""Text to samples and timings at the rate asked for, one context's voice at a time.

A ``Synthesiser`` owns the library and the one thread that may call it. Each context has a
``Voicing``: a stream that is resampled as one, so that no seam is heard between sentences.
"""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from typing import Final, NamedTuple

import numpy as np
import soxr

from cartesia_nb.engine import prosody
from cartesia_nb.engine.alignment import Span, phoneme_spans, word_spans
from cartesia_nb.engine.espeak import Espeak, Manner, Rendering
from cartesia_nb.engine.requests import Generation
from cartesia_nb.engine.sentences import Piece
from cartesia_nb.engine.variation import NONE, Variation
from cartesia_nb.engine.voices import stand_in
from cartesia_nb.protocol.encodings import Samples

SETTLE: Final = 0.06
"""Silence, in seconds, that pushes the end of a word through the resampler."""


class Spoken(NamedTuple):
    """What a piece of text became."""

    samples: Samples
    """At the context's rate; may lag behind the spans by the resampler's delay."""
    words: list[Span]
    phonemes: list[Span]


class Synthesiser:
    """The library and its thread. Calls from any thread; work runs in the order asked for.

    A context asks for one piece at a time and waits, so contexts take turns by the piece and
    none starves.

    Raises:
    """

    def __init__(self) -> None:
        self._espeak = Espeak()
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="synth")

    @property
    def sample_rate(self) -> int:
        """Of the library's own samples, in Hz."""
        return self._espeak.sample_rate

    async def render(self, text: str, manner: Manner) -> Rendering:
        """Speak ``text`` on the library's thread.

        Raises:
            EspeakError: the library refused.
        """
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._thread, self._espeak.render, text, manner)

    def close(self) -> None:
        """Drop what waits and end the thread."""
        self._thread.shutdown(wait=False, cancel_futures=True)


class Voicing:
    """One context's voice: pieces in, one continuous stream of samples out.

    Args:
        synthesiser: shared by all contexts.
        request: who speaks, how, and at which rate.
        variation: how this take differs from what was asked.
    """

    def __init__(
        self, synthesiser: Synthesiser, request: Generation, variation: Variation = NONE
    ) -> None:
        colour = prosody.EMOTIONS[request.emotion]
        self._pace = request.speed * colour.pace * variation.pace
        self._gain = np.float32(prosody.LEVEL * request.volume * variation.level / 32768)
        self._manner = Manner(
            stand_in(request.voice, request.language).espeak,
            prosody.rate_for(self._pace / variation.pitch),
            min(100, max(0, 50 + colour.pitch)),
            min(100, max(0, 50 + colour.pitch_range)),
        )
        self._synthesiser = synthesiser
        # As if the library's samples came at another rate: espeak-ng's own pitch has steps of some
        # percent. All that is counted in samples here is timed by this rate, so it stays true.
        self._rate = synthesiser.sample_rate * variation.pitch
        self._resampler = (
            None
            if request.sample_rate == self._rate
            else soxr.ResampleStream(
                self._rate, request.sample_rate, 1, dtype="float32", quality="HQ"
            )
        )
        self._position = 0
        self._pause = 0

    async def speak(self, piece: Piece) -> Spoken:
        """The next piece, after the silence that the one before asked for.

        Raises:
            EspeakError: the library refused.
        """
        rendering = await self._synthesiser.render(piece.text, self._manner)
        silence = np.zeros(self._pause, np.float32)
        start = self._position + self._pause
        sound = rendering.samples.astype(np.float32) * self._gain
        words = word_spans(piece.text, rendering, start, self._rate)
        phonemes = phoneme_spans(rendering, start, self._rate)
        self._position = start + len(sound)
        self._pause = round(piece.pause / self._pace * self._rate)
        return Spoken(self._resampled(np.concatenate([silence, sound])), words, phonemes)

    def settle(self) -> Samples:
        """A little silence, so that a listener who now waits has heard the last word whole."""
        count = round(SETTLE * self._rate)
        self._position += count
        self._pause = max(0, self._pause - count)
        return self._resampled(np.zeros(count, np.float32))

    def finish(self) -> Samples:
        """What the resampler still holds. Nothing may follow."""
        if self._resampler is None:
            return np.zeros(0, np.float32)
        return self._resampled(np.zeros(0, np.float32), last=True)

    def _resampled(self, samples: Samples, last: bool = False) -> Samples:
        if self._resampler is None:
            return samples
        resampled: Samples = self._resampler.resample_chunk(samples, last=last)
        return resampled
