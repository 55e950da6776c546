"""How the player looks: pictures in ``artifacts/`` for people, and what must be true of each."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import TypedDict, cast

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

import cartesia_nb as cnb
from cartesia_nb.engine.process import EngineProcess
from cartesia_nb.notebook.session import Session
from cartesia_nb.speech.take import Take
from tests.browser.alone import Alone

pytestmark = [pytest.mark.needs("browser", "sound"), pytest.mark.timeout(180)]

TEXT = (
    "You hear the first words of this sentence before its last ones exist, "
    "and every word lights up as it is spoken."
)

_FACTS = """(card) => {
  const seen = (el) => el.getClientRects().length > 0;
  const all = (of) => [...card.querySelectorAll(of)].filter(seen);
  const box = (el) => { const { left, right, top, bottom } = el.getBoundingClientRect();
    return { left, right, top, bottom }; };
  const colours = (canvas) => {
    const copy = new OffscreenCanvas(canvas.width, canvas.height);
    const pen = copy.getContext('2d', { willReadFrequently: true });
    pen.drawImage(canvas, 0, 0);
    const pixels = pen.getImageData(0, 0, copy.width, copy.height).data;
    return new Set(new Uint32Array(pixels.buffer)).size;
  };
  const outer = box(card);
  const meeting = (lane) => {
    const tags = [...lane.querySelectorAll('.tag')].filter(seen);
    const boxes = tags.map((tag) => ({ ...box(tag), text: tag.textContent }))
      .sort((a, b) => a.left - b.left);
    return boxes.flatMap((one, i) =>
      i > 0 && boxes[i - 1].right > one.left ? [boxes[i - 1].text + '|' + one.text] : []);
  };
  const colour = (of) => Object.fromEntries(all(of).map((c) => [c.className, colours(c)]));
  return {
    parts: Object.fromEntries(['wave', 'spectrogram', 'words', 'latency'].map(
      (part) => [part, all('.' + part).length > 0])),
    outside: all('button, input, .says, .label, .times, .key, .axis, .hertz, .words, .latency')
      .filter((el) => box(el).left < outer.left - 0.5 || box(el).right > outer.right + 0.5)
      .map((el) => el.className),
    wider: card.scrollWidth - card.clientWidth,
    meeting: all('.lane').flatMap(meeting),
    labels: all('.lane').map((lane) => [...lane.querySelectorAll('.tag')].filter(seen).length),
    colours: { ...colour('.spectrogram'),
      wave: Math.max(0, ...all('.wave > canvas').map(colours)) },
    edges: ['.wave', '.arrivals', '.spectrogram', '.lane', '.ruler', '.seek']
      .flatMap((of) => all(of)).map((el) => [box(el).left, box(el).right]),
    playhead: all('.playhead').map(box)[0] ?? null,
    axis: box(card.querySelector('.axis')),
  };
}"""


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


class Box(TypedDict):
    """In CSS pixels of the page."""

    left: float
    right: float
    top: float
    bottom: float


class Facts(TypedDict):
    """What can be measured of a card."""

    parts: dict[str, bool]
    outside: list[str]
    wider: float
    meeting: list[str]
    labels: list[int]
    colours: dict[str, int]
    edges: list[tuple[float, float]]
    playhead: Box | None
    axis: Box


@pytest.fixture(scope="module")
def tts() -> Iterator[Session]:
    with cnb.connect("local", autoplay=False) as tts:
        yield tts


@pytest.fixture(scope="module")
def sentence(tts: Session) -> Take:
    """A take that is over."""
    return tts.say(TEXT).wait(30)


@pytest.fixture(scope="module")
def engine(tts: Session) -> EngineProcess:
    assert tts.engine is not None
    tts.engine.start()
    return tts.engine


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    with browser.new_context(
        viewport={"width": 1000, "height": 900}, device_scale_factor=2
    ) as context:
        yield context.new_page()


def facts(player: Locator) -> Facts:
    """Measure it; whatever it shows, it keeps to its card and its labels keep apart."""
    found = cast("Facts", player.evaluate(_FACTS))
    assert found["outside"] == []
    assert found["wider"] <= 0
    assert found["meeting"] == []
    for left, right in found["edges"]:
        assert left == pytest.approx(found["axis"]["left"], abs=0.6), "one left edge"
        assert right == pytest.approx(found["axis"]["right"], abs=0.6), "one right edge"
    if found["parts"]["spectrogram"]:
        assert found["colours"]["spectrogram"] > 50, "the spectrogram is blank"
    if found["parts"]["wave"]:
        assert found["colours"]["wave"] > 2, "the wave is blank"
    return found


def position(player: Locator) -> Locator:
    return player.get_by_role("slider", name="Position")


def ready(alone: Alone, player: Locator) -> None:
    """Until all of the take is here and drawn."""
    save = player.get_by_role("button", name="Download WAV", exact=True)
    alone.pump_until(save.count)
    settle(alone.page)


def settle(page: Page) -> None:
    """Until nothing moves any more: two frames in which the pictures stayed as they were."""
    page.evaluate("""async () => {
      const frame = () => new Promise((done) => requestAnimationFrame(done));
      const canvases = [...document.querySelectorAll('main *')].flatMap(
        (el) => [...(el.shadowRoot?.querySelectorAll('canvas') ?? [])]);
      const look = () => canvases.map((one) => one.toDataURL()).join();
      for (let before = '', now = look(), i = 0; before !== now && i < 200; i++) {
        before = now;
        await frame();
        await frame();
        now = look();
      }
    }""")


def show(page: Page, take: Take, *, dark: bool = False, **traits: object) -> tuple[Alone, Locator]:
    """A finished take's player, all of it here."""
    alone = Alone(page, dark=dark)
    player = alone.show(take, traits)
    alone.carry(take)
    ready(alone, player)
    return alone, player


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


def test_a_region_is_dragged_and_heard_again_and_again(
    page: Page, sentence: Take, pictures: Path
) -> None:
    alone, player = show(page, sentence)
    axis = facts(player)["axis"]
    wide = axis["right"] - axis["left"]
    page.keyboard.down("Shift")
    page.mouse.move(axis["left"] + 0.3 * wide, axis["top"] + 30)
    page.mouse.down()
    page.mouse.move(axis["left"] + 0.4 * wide, axis["top"] + 60, steps=4)
    page.mouse.up()
    page.keyboard.up("Shift")
    page.mouse.move(0, 0)
    loop = player.get_by_role("button", name="Loop a region")
    expect(loop).to_have_attribute("aria-pressed", "true")
    expect(position(player)).to_have_attribute("aria-valuetext", re.compile("looping from 1.8"))
    player.screenshot(path=pictures / "look-loop.png")
    player.get_by_role("button", name="Play", exact=True).click()
    low, high = 0.3 * sentence.duration, 0.4 * sentence.duration
    page.evaluate("""() => {
      const slider = document.querySelector('main > div > div').shadowRoot.querySelector('.seek');
      globalThis.seen = [];
      new MutationObserver(() => seen.push(Number(slider.getAttribute('aria-valuenow'))))
        .observe(slider, { attributeFilter: ['aria-valuenow'] });
    }""")
    page.wait_for_function(
        "seen.filter((at, i) => i > 0 && at < seen[i - 1] - 0.3).length >= 3", timeout=15_000
    )
    seen = cast("list[float]", page.evaluate("seen"))
    assert min(seen) >= low - 0.1
    assert max(seen) <= high + 0.11
    facts(player)
    assert alone.errors == []


def test_a_region_by_keys_and_by_its_handles(page: Page, sentence: Take) -> None:
    alone, player = show(page, sentence)
    slider = position(player)
    slider.focus()
    for key in ("ArrowRight", "[", "ArrowRight", "ArrowRight", "]"):
        page.keyboard.press(key)
    expect(slider).to_have_attribute("aria-valuetext", re.compile("looping from 1 .* to 3 sec"))
    start, end = (player.get_by_role("slider", name=f"Loop {edge}") for edge in ("start", "end"))
    end.focus()
    page.keyboard.press("ArrowRight")
    expect(end).to_have_attribute("aria-valuetext", "3.1 seconds")
    box = start.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.mouse.down()
    page.mouse.move(0, 0)
    page.mouse.up()
    expect(start).to_have_attribute("aria-valuenow", "0.0")
    end.focus()
    page.keyboard.press("l")
    expect(end).to_be_hidden()
    expect(slider).to_be_focused()
    page.keyboard.press("l")
    expect(end).to_have_attribute("aria-valuetext", "3.1 seconds")
    page.keyboard.press("Escape")
    expect(end).to_be_hidden()
    expect(slider).to_have_attribute("aria-valuetext", re.compile("^3 seconds of"))
    page.keyboard.press("Escape")
    expect(slider).to_have_attribute("aria-valuetext", re.compile("^0 seconds of"))
    expect(slider).to_be_focused()
    assert alone.errors == []


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


def test_a_finger_seeks_reads_and_loops(browser: Browser, sentence: Take, pictures: Path) -> None:
    with browser.new_context(
        viewport={"width": 340, "height": 800}, has_touch=True, device_scale_factor=2
    ) as context:
        page = context.new_page()
        _, player = show(page, sentence)
        hand = context.new_cdp_session(page)

        def drag(x: float, y: float, by: float, *, lift: bool = True) -> None:
            for step in range(5):
                kind = "touchMove" if step else "touchStart"
                points = [{"x": x + by * step / 4, "y": y}]
                hand.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})
            if lift:
                hand.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})

        picture = player.locator(".spectrogram").bounding_box()
        assert picture is not None
        drag(picture["x"] + 40, picture["y"] + 30, 40, lift=False)
        said = player.locator(".readout")
        expect(said).to_have_text(re.compile("Hz"))
        label = said.bounding_box()
        assert label is not None
        assert label["y"] + label["height"] < picture["y"] + 30 - 20, "above the finger"
        player.screenshot(path=pictures / "look-touch.png")
        hand.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
        expect(said).to_be_hidden()
        seconds = 80 / picture["width"] * sentence.duration
        expect(position(player)).to_have_attribute(
            "aria-valuetext", re.compile(f"^{round(seconds)} second")
        )
        player.get_by_role("button", name="Loop a region").tap()
        end = player.get_by_role("slider", name="Loop end")
        before = float(end.get_attribute("aria-valuenow") or 0)
        handle = end.bounding_box()
        assert handle is not None
        assert handle["width"] >= 24
        drag(handle["x"] + 12, handle["y"] + 60, 40)
        moved = 40 / picture["width"] * sentence.duration
        after = float(end.get_attribute("aria-valuenow") or 0)
        assert after == pytest.approx(before + moved, abs=0.2)
        facts(player)
        player.get_by_role("button", name="Loop a region").tap()
        expect(end).to_be_hidden()
