"""What the built page half renders is the decoded PCM bit for bit, in both of its outputs.

The Speaker's module as it is shipped gets a kernel's messages in a page whose AudioContext renders
offline: messages, store, decoding, playback and the real worklet, with the loudspeaker left out.
The rendering is halted again and again, and the page's timers run then.
"""

from __future__ import annotations

import base64
from collections.abc import Iterator
from typing import TypedDict, cast

import numpy as np
import pytest
from playwright.sync_api import Page, Playwright

from cartesia_nb.protocol.encodings import BYTES_PER_SAMPLE, ENCODINGS, decode, encode
from tests.browser.lab import ROOT
from tests.browser.page import launch
from tests.browser.tap import Samples, Tape

pytestmark = [pytest.mark.needs("browser"), pytest.mark.timeout(120)]

RATES = (8000, 11025, 16000, 22050, 24000, 32000, 44100, 48000)

_OFFLINE = """
(() => {
  const real = setInterval;
  const timers = new Map();
  globalThis.setInterval = (run) => {
    const id = real(() => {}, 1e8);
    timers.set(id, run);
    return id;
  };
  const clear = clearInterval;
  globalThis.clearInterval = (id) => { timers.delete(id); clear(id); };

  globalThis.AudioContext = class AudioContext extends OfflineAudioContext {
    constructor({ sampleRate }) {
      super(1, exact.frames, sampleRate);
      exact.context = this;
    }
    get audioWorklet() { return exact.worklet ? super.audioWorklet : undefined; }
    createBufferSource() { exact.begun = true; return super.createBufferSource(); }
    resume() { return Promise.resolve(); }
    close() { return Promise.resolve(); }
    render(step) {
      for (let at = step; at < this.length / this.sampleRate; at += step)
        this.suspend(at).then(async () => {
          // Reports of the audio thread come as messages: they are let in before it goes on.
          await new Promise((resolve) => setTimeout(resolve));
          for (const run of [...timers.values()]) run();
          await super.resume();
        });
      return this.startRendering();
    }
  };
  const post = MessagePort.prototype.postMessage;
  MessagePort.prototype.postMessage = function (message, ...rest) {
    if (message?.type === 'go') exact.begun = true;
    return post.call(this, message, ...rest);
  };
  const exact = globalThis.exact = {};
})();
"""

_RENDER = """async ({ worklet, rate, encoding, pcm, cuts, frames, step }) => {
  delete globalThis[Symbol.for('cartesia_nb')];
  Object.assign(exact, { worklet, frames, begun: false, context: null });
  exact.module ??= await import('/speaker.js');
  const heard = [];
  let say;
  const model = {
    get: (name) => ({ speaker_id: 's', volume: 1 })[name], set() {}, save_changes() {},
    on: (name, listener) => { if (name === 'msg:custom') say = listener; },
    send: (message) => { if (message.type === 'heard') heard.push(message); },
  };
  const closed = new AbortController();
  const speaker = exact.module.default.initialize({ model, signal: closed.signal });
  const bytes = Uint8Array.from(atob(pcm), (c) => c.charCodeAt(0));
  const take = 't', sent = 1;
  say({ type: 'open', take, sent, text: 'x', backend: { name: 'n', label: 'l' }, voice: 'v',
    encoding, sample_rate: rate, play: true, interrupt: false, heard: null, state: 'speaking',
    bytes: 0, words: 0 }, []);
  for (let i = 0; i + 1 < cuts.length; i++)
    say({ type: 'audio', take, sent, offset: cuts[i] },
      [new DataView(bytes.buffer, cuts[i], cuts[i + 1] - cuts[i])]);
  say({ type: 'end', take, sent, state: 'done', bytes: bytes.length, words: 0, phonemes: 0,
    text: 'x', error: null }, []);
  while (!exact.begun) await new Promise((resolve) => setTimeout(resolve, 1));
  const rendered = (await exact.context.render(step)).getChannelData(0);
  const { refused } = speaker.stats();
  closed.abort();
  const raw = new Uint8Array(rendered.buffer, rendered.byteOffset, rendered.byteLength);
  let text = '';
  for (let i = 0; i < raw.length; i += 32768)
    text += String.fromCharCode(...raw.subarray(i, i + 32768));
  return { data: btoa(text), refused, dry: Math.max(0, ...heard.map((one) => one.dry)) };
}"""


class _Rendered(TypedDict):
    data: str
    refused: int
    dry: int


@pytest.fixture(scope="module")
def page(playwright: Playwright) -> Iterator[Page]:
    """A page that renders offline, and needs no loudspeaker."""
    with launch(playwright) as browser:
        page = browser.new_page()
        module = (ROOT / "cartesia_nb" / "static" / "speaker.js").read_text()
        page.route("http://localhost/", lambda route: route.fulfill(body="<title>exact</title>"))
        page.route(
            "http://localhost/speaker.js",
            lambda route: route.fulfill(body=module, content_type="text/javascript"),
        )
        page.add_init_script(_OFFLINE)
        page.goto("http://localhost/")
        yield page


def rendered(
    page: Page, pcm: bytes, cuts: list[int], *, rate: int, encoding: str, worklet: bool
) -> Tape:
    """All that came out while a take with `pcm`, sent in pieces between `cuts`, was played."""
    samples = len(pcm) // BYTES_PER_SAMPLE[encoding]
    frames = samples + 2 * rate
    raw = cast(
        "_Rendered",
        page.evaluate(
            _RENDER,
            {
                "worklet": worklet,
                "rate": rate,
                "encoding": encoding,
                "pcm": base64.b64encode(pcm).decode(),
                "cuts": cuts,
                "frames": frames,
                "step": 0.25,
            },
        ),
    )
    assert raw["refused"] == 0
    assert raw["dry"] == 0
    out = np.frombuffer(base64.b64decode(raw["data"]), dtype="<f4")
    return Tape(sample_rate=rate, first_frame=0, samples=out, late=False, gaps=0)


def expect_exact(tape: Tape, wanted: Samples) -> None:
    """`wanted` is in it, and around it nothing but silence."""
    start = tape.find(wanted)
    assert start is not None
    assert not tape.samples[:start].any()
    assert not tape.samples[start + wanted.size :].any()


def sound(rng: np.random.Generator, count: int, encoding: str) -> bytes:
    """Every code of the small encodings, and floats up to full scale."""
    if encoding == "pcm_f32le":
        return encode(rng.uniform(-1, 1, count).astype(np.float32), encoding)
    pcm = bytearray(rng.integers(0, 256, count * BYTES_PER_SAMPLE[encoding], dtype=np.uint8))
    # Starts with a sample that is not silence, so that its place is known.
    pcm[: BYTES_PER_SAMPLE[encoding]] = b"\x11" * BYTES_PER_SAMPLE[encoding]
    return bytes(pcm)


@pytest.mark.parametrize("output", ["worklet", "scheduled"])
@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.parametrize("rate", RATES)
def test_chunks_of_any_size_come_out_bit_for_bit(
    page: Page, rate: int, encoding: str, output: str
) -> None:
    rng = np.random.default_rng([rate, len(encoding), ENCODINGS.index(encoding)])
    size = BYTES_PER_SAMPLE[encoding]
    # From 1 to 100,000 samples, each order of magnitude as often, and both ends surely.
    chunks = [1, *(int(10**power) for power in rng.uniform(0, 5, 20)), 100_000, 1]
    rng.shuffle(chunks)
    cuts = [0, *(int(cut) * size for cut in np.cumsum(chunks))]
    pcm = sound(rng, sum(chunks), encoding)
    tape = rendered(page, pcm, cuts, rate=rate, encoding=encoding, worklet=output == "worklet")
    expect_exact(tape, decode(pcm, encoding))


@pytest.mark.parametrize("output", ["worklet", "scheduled"])
@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.parametrize("count", [1, 2, 127, 128, 129, 300])
def test_a_stream_shorter_than_a_render_quantum_comes_out_whole(
    page: Page, count: int, encoding: str, output: str
) -> None:
    pcm = sound(np.random.default_rng(count), count, encoding)
    # Cut at every byte: inside samples too.
    cuts = list(range(len(pcm) + 1))
    tape = rendered(page, pcm, cuts, rate=24_000, encoding=encoding, worklet=output == "worklet")
    expect_exact(tape, decode(pcm, encoding))
