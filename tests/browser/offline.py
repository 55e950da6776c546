"""The built page half in a page whose AudioContext renders offline, in any browser.

The Speaker's module as it is shipped gets a kernel's messages: messages, store, decoding, playback
and the real worklet, with the loudspeaker left out. The rendering is halted again and again, and
the page's timers run then. Where an OfflineAudioContext cannot be suspended (Firefox 153), a
worklet of the test's own holds the rendering thread meanwhile; Chromium would do with that only
for short takes, since it gives a worklet no messages before the rendering ends.
"""

from __future__ import annotations

import base64
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TypedDict, cast

import numpy as np

from cartesia_nb.protocol.encodings import BYTES_PER_SAMPLE, encode
from tests.browser.lab import ROOT
from tests.browser.page import AnyPage
from tests.browser.tap import Samples, Tape

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
  // Reports of the audio thread come as messages: they are let in before it goes on.
  const turn = async () => {
    await new Promise((resolve) => setTimeout(resolve));
    for (const run of [...timers.values()]) run();
  };

  const BRAKE = `registerProcessor('tests-brake', class extends AudioWorkletProcessor {
    constructor({ processorOptions }) { super(); this.gate = processorOptions; }
    process() {
      if (currentFrame < Atomics.load(this.gate, 0)) return true;
      this.port.postMessage(null);
      Atomics.store(this.gate, 1, currentFrame);
      // An audio thread must not sleep, so Atomics.wait is refused here.
      while (currentFrame >= Atomics.load(this.gate, 0));
      return true;
    }
  })`;

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
      return super.suspend ? this.renderSuspended(step) : this.renderBraked(step);
    }
    renderSuspended(step) {
      for (let at = step; at < this.length / this.sampleRate; at += step)
        this.suspend(at).then(async () => {
          exact.halts += 1;
          await turn();
          await super.resume();
        });
      return this.startRendering();
    }
    async renderBraked(step) {
      // The frame to halt at, and the frame it is halted at.
      const gate = new Int32Array(new SharedArrayBuffer(8));
      const frames = Math.round(step * this.sampleRate);
      gate.set([frames, -1]);
      const module = URL.createObjectURL(new Blob([BRAKE], { type: 'text/javascript' }));
      await super.audioWorklet.addModule(module);
      const options = { numberOfInputs: 0, processorOptions: gate };
      const brake = new AudioWorkletNode(this, 'tests-brake', options);
      brake.connect(this.destination);
      // What the audio thread said before the last halt is here before it leaves this one:
      // rendering is faster than messages on a busy machine, and would outrun what it is handed.
      let arrived = 0;
      brake.port.onmessage = () => { arrived += 1; };
      let over = false;
      const rendered = this.startRendering().finally(() => { over = true; });
      while (!over) {
        await turn();
        if (Atomics.load(gate, 1) < Atomics.load(gate, 0) || arrived < exact.halts) continue;
        exact.halts += 1;
        await turn();
        Atomics.add(gate, 0, frames);
      }
      return rendered;
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
  Object.assign(exact, { worklet, frames, begun: false, context: null, halts: 0 });
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
    chunks: 0, text: 'x', error: null }, []);
  while (!exact.begun) await new Promise((resolve) => setTimeout(resolve, 1));
  const rendered = (await exact.context.render(step)).getChannelData(0);
  const { refused } = speaker.stats();
  closed.abort();
  const raw = new Uint8Array(rendered.buffer, rendered.byteOffset, rendered.byteLength);
  let text = '';
  for (let i = 0; i < raw.length; i += 32768)
    text += String.fromCharCode(...raw.subarray(i, i + 32768));
  return { data: btoa(text), refused, dry: Math.max(0, ...heard.map((one) => one.dry)),
    halts: exact.halts, worklets: exact.context.audioWorklet !== undefined };
}"""

#: Seconds between two halts.
_STEP = 0.25


class _Rendered(TypedDict):
    data: str
    refused: int
    dry: int
    halts: int
    worklets: bool


class _Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        if self.path == "/speaker.js":
            body, kind = (ROOT / "cartesia_nb/static/speaker.js").read_bytes(), "text/javascript"
        else:
            body, kind = b"<!doctype html><title>exact</title>", "text/html"
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        # A SharedArrayBuffer is had by a page that keeps others out, and by no other.
        self.send_header("Cross-Origin-Opener-Policy", "same-origin")
        self.send_header("Cross-Origin-Embedder-Policy", "require-corp")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        pass


@contextmanager
def offline(page: AnyPage) -> Iterator[None]:
    """While the block runs, `page` is one in which `rendered` works."""
    with ThreadingHTTPServer(("127.0.0.1", 0), _Handler) as server:
        # What the browser leaves open must not hold the test up.
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        try:
            page.add_init_script(_OFFLINE)
            page.goto(f"http://127.0.0.1:{server.server_port}/")
            yield
        finally:
            server.shutdown()


def rendered(
    page: AnyPage, pcm: bytes, cuts: list[int], *, rate: int, encoding: str, worklet: bool
) -> Tape:
    """All that came out while a take with `pcm`, sent in pieces between `cuts`, was played."""
    frames = len(pcm) // BYTES_PER_SAMPLE[encoding] + 2 * rate
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
                "step": _STEP,
            },
        ),
    )
    assert raw["refused"] == 0
    assert raw["dry"] == 0
    assert raw["worklets"] == worklet
    assert raw["halts"] >= int(frames / rate / _STEP) - 1, "it ran through"
    out = np.frombuffer(base64.b64decode(raw["data"]), dtype="<f4")
    return Tape(sample_rate=rate, first_frame=0, samples=out, late=False)


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


def chunks_of_any_size(rng: np.random.Generator) -> list[int]:
    """From 1 to 100,000 samples, each order of magnitude as often, and both ends surely."""
    chunks = [1, *(int(10**power) for power in rng.uniform(0, 5, 20)), 100_000, 1]
    rng.shuffle(chunks)
    return chunks
