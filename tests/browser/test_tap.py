"""The tap in the page hears bit for bit what a worklet plays, its first and last sample too."""

from __future__ import annotations

import base64

import numpy as np
import pytest
from playwright.sync_api import BrowserContext, Page

from tests.browser import tap
from tests.browser.correlate import align
from tests.browser.ears import RATE, Ears

pytestmark = [pytest.mark.needs("browser", "sound"), pytest.mark.timeout(120)]

_PLAY = """async ([rate, text]) => {
  const bytes = Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
  const samples = new Float32Array(bytes.buffer);
  const context = new AudioContext({ sampleRate: rate, latencyHint: 'playback' });
  const source = `registerProcessor('plain', class extends AudioWorkletProcessor {
    constructor(options) { super(); this.samples = options.processorOptions; this.at = 0; }
    process(_, [[out]]) {
      const part = this.samples.subarray(this.at, this.at + 128);
      out.set(part);
      this.at += 128;
      if (this.at < this.samples.length + 1280) return true;
      this.port.postMessage('over');
      return false;
    }
  })`;
  await context.audioWorklet.addModule(
    URL.createObjectURL(new Blob([source], { type: 'text/javascript' })));
  // Chromium restarts a context's rendering once it has a worklet, and what is played in that
  // moment can be lost: wait until it runs.
  await context.resume();
  while (context.currentTime < 0.2) await new Promise((resolve) => setTimeout(resolve, 10));
  const node = new AudioWorkletNode(context, 'plain', {
    numberOfInputs: 0, outputChannelCount: [1], processorOptions: samples });
  const over = new Promise((resolve) => { node.port.onmessage = resolve; });
  node.connect(context.destination);
  await over;
}"""


def play(page: Page, samples: tap.Samples, rate: int) -> None:
    page.evaluate(_PLAY, [rate, base64.b64encode(samples.tobytes()).decode()])


@pytest.fixture
def page(context: BrowserContext) -> Page:
    page = context.new_page()
    # A page on loopback's own terms: about:blank has no AudioWorklet.
    page.route("http://localhost/", lambda route: route.fulfill(body="<title>tap</title>"))
    page.goto("http://localhost/")
    return page


@pytest.mark.parametrize("rate", [8000, 22050, 44100, 48000])
@pytest.mark.parametrize("size", [1, 127, 30001])
def test_every_sample_is_there_and_none_is_altered(page: Page, rate: int, size: int) -> None:
    sound = np.random.default_rng(size).uniform(-0.3, 0.3, size).astype("<f4")
    play(page, sound, rate)
    (tape,) = tap.read(page)
    assert tape.sample_rate == rate
    assert not tape.late
    assert tape.gaps == 0
    assert np.array_equal(tape.sound, sound)
    assert tape.find(sound) is not None


def test_one_altered_sample_is_noticed(page: Page) -> None:
    sound = np.random.default_rng(3).uniform(-0.3, 0.3, 5000).astype("<f4")
    play(page, sound, 44100)
    (tape,) = tap.read(page)
    altered = sound.copy()
    altered[4999] = np.nextafter(altered[4999], np.float32(1))
    assert tape.find(sound) is not None
    assert tape.find(altered) is None


def test_what_the_tap_has_is_what_the_loudspeaker_plays(page: Page, ears: Ears) -> None:
    sound = np.random.default_rng(5).uniform(-0.3, 0.3, 2 * RATE).astype("<f4")
    with ears.record() as recording:
        play(page, sound, RATE)
        recording.wait_for_silence(0.5, timeout=20)
    found = align(recording.samples, sound, recording_rate=RATE, reference_rate=RATE)
    assert found.worst > 0.95
