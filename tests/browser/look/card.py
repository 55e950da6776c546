"""What can be measured of a player's card, and what must be true of every one."""

from __future__ import annotations

from typing import TypedDict, cast

import pytest
from playwright.sync_api import Locator, Page

from cartesia_nb.speech.take import Take
from tests.browser.alone import Alone

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
