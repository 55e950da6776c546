"""How the player looks: pictures in ``artifacts/`` for people, and what must be true of each."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from cartesia_nb.engine.process import EngineProcess
from cartesia_nb.notebook.session import Session
from cartesia_nb.speech.take import Take
from tests.browser.alone import Alone
from tests.browser.look.card import TEXT, facts, position, ready, settle, show

pytestmark = [pytest.mark.needs("browser", "sound"), pytest.mark.timeout(180)]

# A browser that holds sound back until a click; the real one takes what Playwright does for one.
_HELD_BACK = """
const { resume, suspend } = AudioContext.prototype;
let clicked = false;
addEventListener('pointerdown', () => { clicked = true; }, { capture: true });
AudioContext.prototype.resume = function () {
  return clicked ? resume.call(this) : new Promise(() => {});
};
globalThis.AudioContext = class extends AudioContext {
  constructor(options) { super(options); suspend.call(this); }
};
"""


@pytest.mark.parametrize(
    ("name", "width", "dark", "size"),
    [
        ("light", 1000, False, 1.0),
        ("dark", 1000, True, 1.0),
        ("narrow", 340, False, 1.0),
        ("narrow-dark", 340, True, 1.0),
        ("middle", 760, False, 1.0),
        ("small", 500, False, 0.75),
        ("projector", 1600, False, 2.0),
        ("projector-dark", 1600, True, 2.0),
    ],
)
def test_in_the_middle_of_its_sentence(
    page: Page, sentence: Take, pictures: Path, name: str, width: int, dark: bool, size: float
) -> None:
    page.set_viewport_size({"width": width, "height": 900})
    alone, player = show(page, sentence, dark=dark, size=size)
    player.get_by_role("button", name="Play", exact=True).click()
    expect(position(player)).to_have_attribute("aria-valuetext", re.compile("^[2-5]"))
    player.screenshot(path=pictures / f"look-{name}.png")
    player.get_by_role("button", name="Pause").click()
    found = facts(player)
    assert all(found["parts"].values())
    (words,) = found["labels"]
    assert words >= 1, "the word that sounds is there"
    height = player.bounding_box()
    assert height is not None
    assert 280 * size < height["height"] < 640 * size
    assert alone.errors == []


@pytest.mark.parametrize("show_", [(), ("wave",), ("wave", "words"), ("spectrogram", "latency")])
def test_parts_that_are_not_wanted_are_not_there(
    page: Page, sentence: Take, pictures: Path, show_: tuple[str, ...]
) -> None:
    page.set_viewport_size({"width": 760, "height": 700})
    _, player = show(page, sentence, show=list(show_))
    player.screenshot(path=pictures / f"look-only-{'-'.join(show_) or 'nothing'}.png")
    found = facts(player)
    assert {part for part, there in found["parts"].items() if there} == set(show_)
    expect(position(player)).to_be_visible()
    expect(player.get_by_role("button", name="Play", exact=True)).to_be_visible()


def test_the_look_follows_its_model(page: Page, sentence: Take) -> None:
    alone, player = show(page, sentence)
    before = player.bounding_box()
    set_ = "([id, name, value]) => alone.models[id].set(name, value)"
    page.evaluate(set_, [sentence.id, "show", ["words"]])
    expect(player.locator(".spectrogram")).to_be_hidden()
    expect(player.locator(".wave")).to_be_hidden()
    page.evaluate(set_, [sentence.id, "show", ["wave", "spectrogram", "words", "latency"]])
    page.evaluate(set_, [sentence.id, "size", 1.5])
    expect(player.locator(".spectrogram")).to_be_visible()
    settle(page)
    after = player.bounding_box()
    assert before is not None
    assert after is not None
    assert after["height"] > 1.3 * before["height"]
    assert after["width"] == pytest.approx(before["width"], abs=4), "it keeps to its cell"
    facts(player)
    assert alone.errors == []


def test_an_output_that_is_attached_later_has_its_colours(page: Page, sentence: Take) -> None:
    """JupyterLab renders some outputs outside the page: nothing there has a colour yet."""
    alone = Alone(page, dark=True)
    page.evaluate(
        """async (take) => {
          alone.show(take);
          const main = document.querySelector('main');
          const output = main.lastElementChild;
          output.remove();
          await new Promise((done) => setTimeout(done, 300));
          if (output.firstElementChild?.shadowRoot == null) throw new Error('not mounted');
          main.append(output);
        }""",
        sentence.id,
    )
    player = page.get_by_role("group")
    alone.carry(sentence)
    ready(alone, player)
    dark = """(canvas) => {
      const pen = canvas.getContext('2d', { willReadFrequently: true });
      const { data } = pen.getImageData(0, 0, canvas.width, canvas.height);
      return data.filter((value, i) => i % 4 === 0 && data[i + 3] > 200 && value < 32).length;
    }"""
    for picture in (".wave > canvas", ".arrivals", ".ruler"):
        assert player.locator(picture).first.evaluate(dark) == 0, picture
    assert alone.errors == []


def test_as_it_streams(page: Page, tts: Session, engine: EngineProcess, pictures: Path) -> None:
    page.set_viewport_size({"width": 760, "height": 700})
    alone = Alone(page)
    engine.control(speedup=1)
    try:
        take = tts.say(TEXT)
        player = alone.show(take)
        alone.carry(take, play=True)
        began = re.compile("^[2-5] seconds")
        alone.pump_until(
            lambda: began.match(position(player).get_attribute("aria-valuetext") or "")
        )
        player.screenshot(path=pictures / "look-streaming.png")
        alone.pump()
        found = facts(player)
        assert found["playhead"] is not None
        assert take.state == "speaking"
        expect(player).to_contain_text("Speaking")
        ready(alone, player)
    finally:
        engine.control(speedup=3)
    player.screenshot(path=pictures / "look-streamed.png")
    assert alone.errors == []


def test_three_minutes(page: Page, tts: Session, engine: EngineProcess, pictures: Path) -> None:
    page.set_viewport_size({"width": 760, "height": 800})
    engine.control(speedup=None)
    try:
        take = tts.say(" ".join([TEXT] * 30)).wait(120)
    finally:
        engine.control(speedup=3)
    assert take.duration > 170
    _, player = show(page, take)
    page.mouse.move(0, 0)
    player.get_by_role("button", name="Play", exact=True).click()
    expect(position(player)).to_have_attribute("aria-valuetext", re.compile("^2"))
    player.screenshot(path=pictures / "look-long.png")
    # While it moves: it follows the voice by itself, and is looked after now and then.
    off = player.evaluate(
        """(card, duration) => {
          const box = (of) => card.querySelector(of).getBoundingClientRect();
          const told = Number(card.querySelector('.seek').getAttribute('aria-valuenow'));
          const axis = box('.axis');
          const playhead = box('.playhead');
          const wanted = axis.left + told / duration * axis.width;
          return (playhead.left + playhead.right) / 2 - wanted;
        }""",
        take.duration,
    )
    assert abs(off) <= 2
    player.get_by_role("button", name="Pause").click()
    found = facts(player)
    assert found["labels"][0] <= 1, "where few fit, only what sounds is there"
    words = player.locator(".words")
    assert words.evaluate("(el) => el.scrollHeight > el.clientHeight"), "it scrolls inside"


def test_a_failure(page: Page, tts: Session, engine: EngineProcess, pictures: Path) -> None:
    page.set_viewport_size({"width": 760, "height": 700})
    alone = Alone(page)
    engine.misbehave("error@20")
    try:
        take = tts.say(TEXT)
        player = alone.show(take)
        alone.carry(take)
        alone.pump_until(lambda: player.locator("[data-tone=alert]").count())
    finally:
        engine.misbehave()
    settle(page)
    player.screenshot(path=pictures / "look-failed.png")
    expect(player).to_contain_text("What came")
    facts(player)


@pytest.mark.parametrize("width", [340, 760])
def test_waiting_for_a_click(page: Page, sentence: Take, pictures: Path, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 700})
    page.add_init_script(_HELD_BACK)
    alone = Alone(page)
    player = alone.show(sentence)
    alone.carry(sentence, play=True)
    ask = player.get_by_role("button", name="Click to hear")
    alone.pump_until(ask.count)
    settle(page)
    player.screenshot(path=pictures / f"look-ask-{width}.png")
    facts(player)
    ask.click()
    expect(ask).to_be_hidden()
    expect(player).to_contain_text("Speaking")


def test_another_tab_sounds_and_this_one_offers_to(
    browser: Browser, sentence: Take, pictures: Path
) -> None:
    with browser.new_context(device_scale_factor=2) as context:
        first = Alone(context.new_page())
        there = first.show(sentence)
        first.carry(sentence, play=True)
        first.pump_until(there.get_by_role("button", name="Pause").count)
        second = Alone(context.new_page())
        here = second.show(sentence)
        second.carry(sentence, play=True)
        button = here.get_by_role("button", name="Play here")
        second.pump_until(button.count)
        expect(here).to_contain_text("Playing in another tab")
        here.screenshot(path=pictures / "look-elsewhere.png")
        facts(here)
        button.click()
        expect(button).to_be_hidden()
        expect(here).to_contain_text("Speaking")
        assert first.errors == second.errors == []
