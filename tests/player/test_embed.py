"""Embedded sound: as loud and as long as the take, small, and told in words that are only words."""

from __future__ import annotations

import base64
import html
import io
import re
import sys
from html.parser import HTMLParser
from typing import cast

import numpy as np
import pytest
import soundfile

from cartesia_nb.errors import ConnectionLostError, TakeFileError
from cartesia_nb.player import embed as module
from cartesia_nb.player.embed import EmbeddedSound
from cartesia_nb.protocol.encodings import decode
from cartesia_nb.speech.backend import server
from cartesia_nb.speech.take import Take
from tests.player.takes import Samples, take_of, voice


def level(samples: Samples) -> float:
    """RMS in dBFS."""
    return float(10 * np.log10(np.mean(samples.astype(np.float64) ** 2)))


def decoded(sound: EmbeddedSound) -> tuple[Samples, int]:
    samples, rate = soundfile.read(io.BytesIO(sound.audio), dtype="float32")
    return cast(Samples, samples), int(rate)


@pytest.mark.parametrize("gain", [1.0, 0.05])
@pytest.mark.parametrize("rate", [8000, 16_000, 22_050, 24_000, 44_100, 48_000])
def test_length_rate_and_level_are_the_takes_own(rate: int, gain: float) -> None:
    take = take_of(voice(3.0, rate) * np.float32(gain), sample_rate=rate)
    sound = take.embed()
    samples, found = decoded(sound)
    assert sound.kind == "audio/mpeg"
    assert (found, len(samples)) == (rate, len(take.samples))
    assert abs(level(samples) - level(take.samples)) < 0.1
    assert len(sound.audio) < 50_000


@pytest.mark.parametrize("encoding", ["pcm_s16le", "pcm_mulaw", "pcm_alaw"])
def test_every_encoding_is_embedded(encoding: str) -> None:
    take = take_of(voice(1.0), encoding=encoding)
    samples, _ = decoded(take.embed())
    assert abs(level(samples) - level(take.samples)) < 0.1


@pytest.mark.parametrize("count", [1, 100, 1153])
def test_a_very_short_take_is_embedded_whole(count: int) -> None:
    samples, _ = decoded(take_of(voice(1.0)[5000 : 5000 + count]).embed())
    assert len(samples) == count


def test_numbers_that_are_none_do_no_harm() -> None:
    sound = voice(1.0)
    sound[5000:5003] = [np.nan, np.inf, -np.inf]
    samples, _ = decoded(take_of(sound).embed())
    assert np.isfinite(samples).all()
    assert abs(level(samples) - level(voice(1.0))) < 0.5


def test_without_soundfile_it_is_wav_and_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "soundfile", None)
    take = take_of(voice(1.0))
    with pytest.warns(UserWarning, match="pip install --upgrade soundfile"):
        sound = take.embed()
    assert sound.kind == "audio/wav"
    assert np.abs(decode(sound.audio[58:], "pcm_s16le") - take.samples).max() < 1 / 32_000


def test_much_sound_is_told_in_megabytes_and_too_much_is_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    take = take_of(voice(2.0))
    monkeypatch.setattr(module, "LARGE", 1000)
    with pytest.warns(UserWarning, match=r"0\.0 MB of sound into the notebook.*take\.save"):
        take.embed()
    monkeypatch.setattr(module, "MOST", 1000)
    with pytest.raises(TakeFileError, match=r"take\.to_wav\(path\) or take\.save\(path\)"):
        take.embed()


def test_a_take_without_sound_has_its_words_alone() -> None:
    lost = ConnectionLostError("It was lost.")
    sound = take_of(voice(0.0), text="Nothing came.", state="failed", error=lost).embed()
    shown = str(sound._repr_mimebundle_()["text/html"])
    assert "<audio" not in shown
    assert "Nothing came." in shown
    assert "Failed: It was lost." in shown
    assert repr(sound) == "<EmbeddedSound: no sound, 0 bytes>"


class Reader(HTMLParser):
    """What a browser would make of it."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: dict[str, str | None] = {}
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        if tag == "audio":
            self.attributes = dict(attrs)

    def handle_data(self, data: str) -> None:
        self.text += data


HOSTILE = (
    "<script>alert(1)</script> \"'><img src=x onerror=alert(1)> </figcaption> &lt; &#x27; "
    "$x_1$ \x00\x1b[31m \u202eexe"
)


def hostile() -> Take:
    error = ConnectionLostError(HOSTILE)
    return take_of(
        voice(0.2), text=HOSTILE, state="failed", error=error,
        backend=server(HOSTILE), voice=HOSTILE,
    )  # fmt: skip


def test_text_is_never_markup() -> None:
    take = hostile()
    bundle = take.embed()._repr_mimebundle_()
    reader = Reader()
    reader.feed(str(bundle["text/html"]))
    assert set(reader.tags) == {"figure", "audio", "figcaption", "span", "br", "small"}
    assert set(reader.attributes) == {"controls", "preload", "aria-label", "style", "src"}
    seen = HOSTILE.replace("\x00\x1b", "��").replace("\u202e", "�")
    assert reader.text.count(seen) == 4, "text, voice, backend, reason"
    assert seen in str(reader.attributes["aria-label"])
    assert not re.search(r"[\x00-\x09\x0b-\x1f\u202e]", html.unescape(str(bundle)))


def test_the_control_carries_the_sound_itself() -> None:
    sound = take_of(voice(0.5)).embed()
    reader = Reader()
    reader.feed(str(sound._repr_mimebundle_()["text/html"]))
    kind, _, data = str(reader.attributes["src"]).partition(";base64,")
    assert kind == "data:audio/mpeg"
    assert base64.b64decode(data) == sound.audio
