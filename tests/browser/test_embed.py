"""Sound that a notebook's file carries, played by a real browser from nothing but the HTML."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypedDict, cast

import numpy as np
import pytest
from playwright.sync_api import Page, Playwright, expect

from tests.browser.page import launch
from tests.player.takes import take_of, voice

pytestmark = [pytest.mark.needs("browser"), pytest.mark.timeout(120)]

_LOOK = """async (audio) => {
  if (audio.readyState < 1) await new Promise((resolve, reject) => {
    audio.onloadedmetadata = resolve;
    audio.onerror = () => reject(new Error(audio.error.message));
  });
  const bytes = await (await fetch(audio.src)).arrayBuffer();
  const context = new OfflineAudioContext(1, 1, RATE);
  const samples = (await context.decodeAudioData(bytes)).getChannelData(0);
  let power = 0;
  for (const sample of samples) power += sample * sample;
  const rms = Math.sqrt(power / samples.length);
  return { duration: audio.duration, decoded: samples.length / RATE, rms };
}"""


class Seen(TypedDict):
    duration: float
    decoded: float
    rms: float


@pytest.fixture(scope="module")
def page(playwright: Playwright) -> Iterator[Page]:
    with launch(playwright) as browser:
        yield browser.new_page()


@pytest.mark.parametrize("gain", [1.0, 0.1])
@pytest.mark.parametrize("rate", [8000, 22_050, 44_100])
def test_the_audio_element_plays_the_right_length_at_the_right_level(
    page: Page, rate: int, gain: float
) -> None:
    take = take_of(voice(2.5, rate) * np.float32(gain), sample_rate=rate)
    page.set_content(str(take.embed()._repr_mimebundle_()["text/html"]))
    audio = page.locator("audio")
    seen = cast(Seen, audio.evaluate(_LOOK.replace("RATE", str(rate))))
    assert seen["duration"] == pytest.approx(take.duration, abs=0.002)
    assert seen["decoded"] == pytest.approx(take.duration, abs=0.002)
    wanted = np.sqrt(np.mean(take.samples.astype(np.float64) ** 2))
    assert abs(20 * np.log10(seen["rms"] * np.sqrt(seen["decoded"] / 2.5) / wanted)) < 0.1


def test_what_stands_beside_it_is_text_whatever_it_says(page: Page) -> None:
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on("dialog", lambda dialog: errors.append(dialog.message))
    text = "<script>alert(1)</script><img src=x onerror=alert(2)> \"'> $x_1$ \u202eexe \x00"
    sound = take_of(voice(0.3), text=text, voice=text).embed()
    page.set_content(str(sound._repr_mimebundle_()["text/html"]))
    shown = text.replace("\u202e", "�").replace("\x00", "�")
    expect(page.locator("figcaption > span")).to_have_text(shown)
    expect(page.locator("small").first).to_contain_text(f"voice {shown}")
    assert page.locator("figure *").evaluate_all("all => all.map(each => each.localName)") == [
        *("audio", "figcaption", "span", "br", "small")
    ]
    assert errors == []
