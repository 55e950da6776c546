"""A take's sound inside a notebook's file, for exported HTML and for readers without a kernel.

MP3 at a variable rate, about 10 kB a second: a tenth of 16-bit WAV, played by every browser and at
every one of Cartesia's sample rates. Measured with libsndfile 1.2.2 on speech at 8 to 48 kHz: the
level changes by less than 0.02 dB, and the length not at all, as the encoder notes what it added at
both ends. Nothing is normalised: a louder take is louder.
"""

from __future__ import annotations

import base64
import html
import io
from dataclasses import dataclass
from typing import Final

import numpy as np

from cartesia_nb.errors import TakeFileError
from cartesia_nb.player.caption import Caption
from cartesia_nb.protocol.encodings import Samples, decode, encode
from cartesia_nb.speech import files
from cartesia_nb.speech.take import Take
from cartesia_nb.speech.warn import warn

MP3_RATE: Final = 10_000
"""Bytes a second, about."""

QUALITY: Final = 0.3
"""Of the variable rate: 0.0 is the largest, 1.0 the smallest."""

LARGE: Final = 2_000_000
MOST: Final = 20_000_000
"""Characters in the notebook: more than ``LARGE`` is warned of, more than ``MOST`` refused."""


@dataclass(frozen=True, repr=False)
class EmbeddedSound:
    """A take's sound with its words, shown as an audio control that needs neither kernel nor page
    half. Made by ``take.embed()``; safe to share between threads.

    Attributes:
        audio: the file, as it is embedded.
        kind: its MIME type, ``audio/mpeg`` or ``audio/wav``; empty where there is no sound.
        caption: what is told beside it.
    """

    audio: bytes
    kind: str
    caption: Caption

    def _repr_mimebundle_(self, **kwargs: object) -> dict[str, object]:
        return {"text/html": self._html(), "text/plain": self.caption.lines()}

    def _html(self) -> str:
        text, *rest = (html.escape(line) for line in self.caption.lines().split("\n"))
        control = ""
        if self.audio:
            name = html.escape(self.caption.alt())
            data = base64.b64encode(self.audio).decode("ascii")
            control = (
                f'<audio controls preload="metadata" aria-label="{name}" '
                f'style="width: 100%; max-width: 480px" src="data:{self.kind};base64,{data}">'
                "</audio>"
            )
        lines = "".join(f'<br><small style="opacity: 0.75">{line}</small>' for line in rest)
        return (
            '<figure style="margin: 4px 0">'
            f'{control}<figcaption><span dir="auto">{text}</span>{lines}</figcaption></figure>'
        )

    def __repr__(self) -> str:
        kind = {"audio/mpeg": "MP3", "audio/wav": "WAV"}.get(self.kind, "no sound")
        return f"<EmbeddedSound: {kind}, {len(self.audio):,} bytes>"


def embed(take: Take) -> EmbeddedSound:
    """Encode what was received of ``take``; see ``Take.embed``."""
    _refuse_if_large(take, MP3_RATE * take.duration)
    samples = decode(take.pcm, take.settings.encoding)
    # A float stream may hold anything; beyond full scale a loudspeaker clips as well.
    samples = np.nan_to_num(samples).clip(-1.0, 1.0)
    kind, audio = "", b""
    if len(samples):
        try:
            kind, audio = "audio/mpeg", _mp3(samples, take.sample_rate)
        except (ImportError, OSError, RuntimeError) as fault:
            _refuse_if_large(take, 2 * len(samples))
            warn(
                f"soundfile can't make an MP3 here ({fault}), so the sound is embedded as WAV, "
                "which is ten times as large. To mend it: pip install --upgrade soundfile"
            )
            plain = take.settings.replace(encoding="pcm_s16le")
            kind, audio = "audio/wav", files.wav_bytes(encode(samples, "pcm_s16le"), plain)
    if (size := _characters(len(audio))) > LARGE:
        warn(
            f"This puts {size / 1e6:.1f} MB of sound into the notebook, which makes it slow to "
            "open. take.save(path) keeps the sound in a file of its own."
        )
    return EmbeddedSound(audio, kind, Caption.of(take))


def _mp3(samples: Samples, sample_rate: int) -> bytes:
    import soundfile

    packed = io.BytesIO()
    soundfile.write(
        packed, samples, sample_rate, format="MP3", subtype="MPEG_LAYER_III",
        bitrate_mode="VARIABLE", compression_level=QUALITY,
    )  # fmt: skip
    return packed.getvalue()


def _refuse_if_large(take: Take, size: float) -> None:
    if _characters(size) > MOST:
        raise TakeFileError(
            f"{take.duration / 60:.0f} minutes of sound would make the notebook about "
            f"{_characters(size) / 1e6:.0f} MB larger; embed() takes up to {MOST / 1e6:.0f} MB. "
            "Write them to a file: take.to_wav(path) or take.save(path)."
        )


def _characters(size: float) -> float:
    return size * 4 / 3
