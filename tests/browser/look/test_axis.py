"""Everything on the player's time axis lies where its second is, and says so when pointed at."""

from __future__ import annotations

import re
from pathlib import Path
from typing import cast

import pytest
from playwright.sync_api import Page, expect

from cartesia_nb.engine.process import EngineProcess
from cartesia_nb.notebook.session import Session
from cartesia_nb.speech.take import Take
from tests.browser.alone import Alone
from tests.browser.look.card import TEXT, facts, ready, settle, show

pytestmark = [pytest.mark.needs("browser", "sound"), pytest.mark.timeout(180)]

# Where in the lane the first reddish dot is, as a share of its width.
_ALERT = """(canvas) => {
  const copy = new OffscreenCanvas(canvas.width, canvas.height);
  const pen = copy.getContext('2d', { willReadFrequently: true });
  pen.drawImage(canvas, 0, 0);
  const { data } = pen.getImageData(0, canvas.height >> 1, canvas.width, 1);
  for (let x = 0; x < canvas.width; x++) {
    if (data[4 * x + 3] > 200 && data[4 * x] > data[4 * x + 2] + 60) return x / canvas.width;
  }
  throw new Error('there is no mark');
}"""


@pytest.mark.parametrize("width", [340, 1000])
@pytest.mark.parametrize("place", [0.2, 0.5, 0.93])
def test_the_playhead_stands_where_the_take_does(
    page: Page, sentence: Take, width: int, place: float
) -> None:
    page.set_viewport_size({"width": width, "height": 900})
    alone, player = show(page, sentence)
    axis = facts(player)["axis"]
    page.mouse.click(axis["left"] + place * (axis["right"] - axis["left"]), axis["top"] + 20)
    alone.pump_until(lambda: any(said["type"] == "heard" for said in alone.sent()))
    told = [said["position"] for said in alone.sent() if said["type"] == "heard"][-1]
    assert told == pytest.approx(place * sentence.duration, abs=0.02)
    found = facts(player)
    playhead = found["playhead"]
    assert playhead is not None
    x = axis["left"] + cast("float", told) / sentence.duration * (axis["right"] - axis["left"])
    assert (playhead["left"] + playhead["right"]) / 2 == pytest.approx(x, abs=2)
    wave, picture = player.locator(".wave"), player.locator(".spectrogram")
    top, bottom = wave.bounding_box(), picture.bounding_box()
    assert top is not None
    assert bottom is not None
    assert playhead["top"] <= top["y"] + 0.5
    assert playhead["bottom"] >= bottom["y"] + bottom["height"] - 0.5, "over both"


def test_phonemes_under_the_words(page: Page, tts: Session, pictures: Path) -> None:
    take = tts.say(TEXT, add_phoneme_timestamps=True).wait(30)
    _, player = show(page, take)
    player.get_by_role("button", name="Play", exact=True).click()
    expect(player.locator(".lane.sounds .tag.now")).to_be_visible()
    player.screenshot(path=pictures / "look-phonemes.png")
    player.get_by_role("button", name="Pause").click()
    words, sounds = facts(player)["labels"]
    assert words > 8
    assert sounds > 30


def test_what_is_pointed_at_is_said_and_stays_in_sight(
    page: Page, sentence: Take, pictures: Path
) -> None:
    _, player = show(page, sentence, size=1.0)
    said = player.locator(".readout")
    for part, pattern in {
        ".wave": r"^\d\.\d\d s · (\u2212\d+ dBFS|silence)$",
        ".spectrogram": r"^\d\.\d\d s · [\d.]+ k?Hz · (\u2212\d+ dBFS|silence)$",
        ".arrivals": r"^chunk \d+ · \d+ ms long · received \d\.\d\d s after the request$",
        ".ruler": r"^\d\.\d\d s$",
    }.items():
        box = player.locator(part).bounding_box()
        assert box is not None
        for place in (0.01, 0.5, 0.99):
            x, y = box["x"] + place * (box["width"] - 1), box["y"] + box["height"] / 2
            page.mouse.move(x, y)
            expect(said).to_have_text(re.compile(pattern))
            label = said.bounding_box()
            assert label is not None
            inside = label["y"] - 4 <= y <= label["y"] + label["height"] + 4
            assert not inside, "it covers what is pointed at"
            facts(player)
    box = player.locator(".spectrogram").bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 300, box["y"] + 60)
    player.screenshot(path=pictures / "look-pointed.png")
    page.mouse.move(0, 0)
    expect(said).to_be_hidden()


def test_the_scale_of_frequencies_can_be_changed(
    page: Page, sentence: Take, pictures: Path
) -> None:
    page.set_viewport_size({"width": 760, "height": 700})
    alone, player = show(page, sentence)
    canvas = player.locator(".spectrogram")
    mel = canvas.evaluate("(el) => el.toDataURL()")
    button = player.get_by_role("button", name="Frequency scale: mel")
    button.focus()
    page.keyboard.press("Enter")
    expect(player.get_by_role("button", name="Frequency scale: linear")).to_be_focused()
    alone.pump_until(lambda: canvas.evaluate("(el) => el.toDataURL()") != mel)
    settle(page)
    player.screenshot(path=pictures / "look-linear.png")
    facts(player)
    page.keyboard.press("Enter")
    alone.pump_until(lambda: canvas.evaluate("(el) => el.toDataURL()") == mel)


def test_a_dry_spell_is_marked_where_it_was_and_says_how_long(
    page: Page, tts: Session, engine: EngineProcess, pictures: Path
) -> None:
    page.set_viewport_size({"width": 760, "height": 700})
    alone = Alone(page)
    take = tts.say(TEXT)
    player = alone.show(take)
    alone.carry(take, play=True)
    alone.pump_until(lambda: take.duration > 0.5)
    # The kernel is away for a while: what it has sent is heard, then nothing.
    expect(player).to_contain_text("Waiting for more sound", timeout=20_000)
    expect(player).to_contain_text("dry spells 1")
    ready(alone, player)
    ended = player.get_by_role("button", name="Play again")
    alone.pump_until(ended.count)
    settle(page)
    lane = player.locator(".arrivals")
    mark = cast("float", lane.evaluate(_ALERT))
    box = lane.bounding_box()
    assert box is not None
    said = player.locator(".readout")
    page.mouse.move(box["x"] + mark * box["width"], box["y"] + box["height"] / 2)
    expect(said).to_have_text(re.compile(r"^\d\.\d\d s · ran dry, silent for [\d.]+ m?s$"))
    player.screenshot(path=pictures / "look-dry.png")
    facts(player)
    assert alone.errors == []
