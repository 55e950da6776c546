"""The picture of a take: small, readable, of the take, and nobody else's business."""

from __future__ import annotations

import base64
import io
import struct
import warnings
from concurrent.futures import ThreadPoolExecutor

import matplotlib
import matplotlib.pyplot as plt
import numpy as np
import numpy.typing as npt
import pytest
from PIL import Image

from cartesia_nb.errors import ConnectionLostError
from cartesia_nb.player import snapshot
from cartesia_nb.player.caption import Caption
from cartesia_nb.player.snapshot import envelope, pending, still, wrapped
from cartesia_nb.speech.take import Take
from tests.player.takes import FOX, take_of, voice

Pixels = npt.NDArray[np.uint8]

SILENCE = np.zeros(22_050, np.float32)
NOTHING = np.zeros(0, np.float32)
MARKUP = (
    "Costs $x_1$ and $\\frac{a}{b$ <b>bold</b> <script>alert(1)</script> \x1b[31m \u202eexe \x00"
)
LOST = ConnectionLostError("The connection was lost after 1.1 s. " * 3)
TAKES = {
    "sentence": lambda: take_of(voice(3.0)),
    "chapter": lambda: take_of(voice(60.0), text=FOX * 200),
    "silence": lambda: take_of(SILENCE, text="..."),
    "nothing": lambda: take_of(NOTHING, text=""),
    "word": lambda: take_of(voice(0.01), text="Yes."),
    "failed": lambda: take_of(voice(1.1), state="failed", error=LOST),
    "markup": lambda: take_of(voice(1.0), text=MARKUP, voice=MARKUP),
    "scripts": lambda: take_of(voice(1.0), text="こんにちは 😀🎉 שלום مرحبًا क्षि \U0010ffff"),
    "unbroken": lambda: take_of(voice(1.0), text="Donaudampfschifffahrt" * 40),
}


def draw(take: Take) -> bytes:
    return still(take, Caption.of(take))


def pixels(png: bytes) -> Pixels:
    return np.asarray(Image.open(io.BytesIO(png)).convert("RGBA"))


@pytest.mark.parametrize("name", TAKES)
def test_any_take_has_a_small_picture_of_one_width(name: str) -> None:
    png = draw(TAKES[name]())
    height, width, _ = pixels(png).shape
    assert width == 2 * snapshot.WIDTH
    assert 200 < height < 800
    assert len(png) < 60_000


@pytest.mark.parametrize("name", TAKES)
def test_drawing_warns_of_nothing(name: str) -> None:
    take = TAKES[name]()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        draw(take)


def test_the_card_has_round_corners_and_is_light() -> None:
    picture = pixels(draw(take_of(voice(1.0))))
    assert picture[0, 0, 3] == 0
    assert picture[20, 300, 3] == 255
    assert picture[20, 300, :3].min() > 250


@pytest.mark.parametrize("change", ["text", "remark", "figures"])
def test_every_part_of_the_caption_is_in_the_picture(change: str) -> None:
    take = take_of(voice(1.0))
    caption = Caption.of(take)
    other = {
        "text": Caption(caption.text + "!", caption.remark, caption.figures),
        "remark": Caption(caption.text, "Stopped.", caption.figures),
        "figures": Caption(caption.text, caption.remark, (("duration", "2 s"),)),
    }[change]
    assert still(take, caption) != still(take, other)


def test_formulas_stand_as_they_were_written() -> None:
    """As wide as its characters are, though mathtext would draw it narrower or refuse it."""
    take = take_of(SILENCE)

    def ink(text: str) -> int:
        picture = pixels(still(take, Caption(text, "", ())))
        rows = picture[2 * 120 : 2 * 145, 30:-30, :3]
        return int(np.flatnonzero((rows < 128).all(axis=2).any(axis=0)).max(initial=0))

    assert ink("$x_1$") > ink("x_1") + 20
    assert ink("$\\frac{a}{b$ x") > ink("$\\frac{a}{b$") > ink("frac{a}{b")


def test_louder_speech_has_taller_bars_and_silence_none() -> None:
    loud, quiet = take_of(voice(2.0)), take_of(voice(2.0) * np.float32(0.1))
    assert envelope(loud, 100).max() > 2 * envelope(quiet, 100).max() > 0
    assert envelope(take_of(SILENCE), 100).tolist() == [0.0] * 100
    assert envelope(take_of(NOTHING), 7).tolist() == [0.0] * 7


def test_bars_are_over_the_whole_length_each_in_its_place() -> None:
    sound = np.zeros(44_100, np.float32)
    sound[22_050:33_075] = 0.5
    assert np.flatnonzero(envelope(take_of(sound), 100)).tolist() == list(range(50, 75))


@pytest.mark.parametrize("encoding", ["pcm_f32le", "pcm_s16le", "pcm_mulaw", "pcm_alaw"])
def test_the_encoding_makes_no_difference(encoding: str) -> None:
    found = envelope(take_of(voice(1.0), encoding=encoding), 50)
    assert np.allclose(found, envelope(take_of(voice(1.0)), 50), atol=0.03)


def test_numbers_that_are_none_are_drawn_as_full_or_silent() -> None:
    sound = voice(1.0)
    sound[[100, 20_000, 30_000]] = [np.nan, np.inf, -np.inf]
    with np.errstate(all="raise"):
        bars = envelope(take_of(sound), 50)
    assert np.isfinite(bars).all()
    assert bars.max() <= 1.0
    assert len(draw(take_of(sound))) > 1000


def test_the_users_figures_and_settings_are_neither_used_nor_changed() -> None:
    take = take_of(voice(1.0))
    plain = draw(take)
    figure, _ = plt.subplots()
    try:
        with plt.xkcd(), plt.style.context("dark_background"):
            matplotlib.rcParams["font.family"] = "monospace"
            before = dict(matplotlib.rcParams)
            assert draw(take) == plain
            assert dict(matplotlib.rcParams) == before
        assert plt.get_fignums() == [figure.number]
    finally:
        plt.close(figure)


def test_it_is_the_same_from_any_thread() -> None:
    takes = [take_of(voice(0.5), text=text) for text in (FOX, "Another.", "こ")]
    here = [draw(take) for take in takes]
    with ThreadPoolExecutor(3) as pool:
        assert list(pool.map(draw, takes * 3)) == here * 3


@pytest.mark.parametrize("make", [draw, pending])
def test_the_take_is_named_at_a_fixed_place_in_base64(make: object) -> None:
    take = take_of(voice(0.3))
    png = draw(take) if make is draw else pending(take)
    Image.open(io.BytesIO(png)).load()
    (length,) = struct.unpack(">I", png[33:37])
    assert png[37 : 41 + length] == b"tEXtcartesia_nb\0" + take.id.encode()
    text = base64.b64encode(png).decode()
    assert text[52:68] == base64.b64encode(b"Xtcartesia_n").decode(), "still.ts looks for it"
    assert snapshot.is_ours(text)
    assert not snapshot.is_ours(base64.b64encode(png[:33] + png[33 + 12 + length :]).decode())


def test_what_keeps_the_place_is_one_pixel_nobody_sees() -> None:
    assert pixels(pending(take_of(NOTHING))).tolist() == [[[0, 0, 0, 0]]]


def test_words_are_wrapped_between_words_and_cut_with_a_sign() -> None:
    assert wrapped("one two three four", 9, len, 9) == ["one two", "three", "four"]
    assert wrapped("one two three four", 9, len, 2) == ["one two", "three…"]
    assert wrapped("onetwothree four", 4, len, 9) == ["onet", "woth", "ree", "four"]
    assert wrapped("go onetwothree", 6, len, 9) == ["go one", "twothr", "ee"]
    assert wrapped("", 6, len, 9) == []
    assert wrapped("same", 4, len, 1) == ["same"]
    assert wrapped("same again", 4, len, 1) == ["sam…"]
