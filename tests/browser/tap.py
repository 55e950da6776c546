"""A tap in the page: every sample that goes to an AudioContext's destination, exactly as it went.

`install` makes whatever is connected to a destination feed a recording worklet as well. The
recorder's module is loaded before any module of the page's own, so that nothing a page's worklet
plays can come before it. A source connected earlier than that marks its tape `late`.
"""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass
from typing import TypedDict, cast

import numpy as np
from numpy.typing import NDArray
from playwright.sync_api import BrowserContext

from tests.browser.page import AnyPage

Samples = NDArray[np.float32]


class _Raw(TypedDict):
    rate: float
    late: bool
    first: int
    holes: list[tuple[int, int]]
    data: str


@dataclass(frozen=True)
class Tape:
    """What one AudioContext sent to its destination."""

    sample_rate: int
    #: The context's frame number of the first sample.
    first_frame: int
    #: float32, 1-D: the first channel.
    samples: Samples
    #: Something was connected before the recorder was ready: the start may be missing.
    late: bool
    #: Where the browser did not run its worklets, as frames of `samples`: it played zeros then,
    #: and zeros stand here.
    holes: tuple[tuple[int, int], ...] = ()

    @property
    def gaps(self) -> int:
        """How often the browser did not run its worklets."""
        return len(self.holes)

    @property
    def run(self) -> Samples:
        """What its worklets were asked for, without the zeros of the browser's own."""
        cut = [np.arange(start, end) for start, end in self.holes]
        return np.delete(self.samples, np.concatenate(cut)) if cut else self.samples

    def find(self, wanted: Samples) -> int | None:
        """The sample of `run` at which `wanted` lies in it bit for bit, or None.

        `wanted` is float32. Zero and minus zero are the same sound and count as equal.
        """
        run = self.run
        if wanted.size == 0 or wanted.size > run.size:
            return None
        # The first sample that is not silence is looked for; only its places are compared whole.
        loud = np.flatnonzero(wanted)
        mark = int(loud[0]) if loud.size else 0
        last = run.size - wanted.size
        for place in np.flatnonzero(run == wanted[mark]):
            start = int(place) - mark
            if 0 <= start <= last and np.array_equal(run[start : start + wanted.size], wanted):
                return start
        return None

    @property
    def sound(self) -> Samples:
        """From the first sample that is not zero to the last."""
        loud = np.flatnonzero(self.samples)
        return self.samples[loud[0] : loud[-1] + 1] if loud.size else self.samples[:0]


_RECORDER = """
registerProcessor('tests-tap', class extends AudioWorkletProcessor {
  constructor() {
    super();
    this.size = 0;
    this.quanta = 0;
    this.block = new Float32Array(8192);
    this.port.onmessage = ({ data }) => { this.flush(); this.port.postMessage({ flushed: data }); };
  }
  flush() {
    if (this.size === 0) return;
    const samples = this.block.slice(0, this.size);
    this.port.postMessage({ first: this.first, samples }, [samples.buffer]);
    this.size = 0;
  }
  process([input]) {
    // A worklet's first quantum comes with the frame number of an earlier one (Chromium 156): what
    // follows it in the recorded sound follows it without a break.
    if (this.quanta === 1 && this.size === 128) this.first = currentFrame - 128;
    this.quanta += 1;
    // From then on a jump is a time at which no worklet was run, and silence was played.
    if (this.size > 0 && this.first + this.size !== currentFrame) this.flush();
    // An input without a live source has no channels: that is silence, and it is recorded too.
    if (this.size === 0) this.first = currentFrame;
    if (input.length > 0) this.block.set(input[0], this.size);
    else this.block.fill(0, this.size, this.size + 128);
    this.size += 128;
    if (this.size + 128 > this.block.length) this.flush();
    return true;
  }
});
"""

_INSTALL = """
(() => {
  // Pages that are not secure have no worklets.
  if (!globalThis.AudioWorklet || globalThis.testsTap) return;
  const tapes = [];
  globalThis.testsTap = tapes;
  const module = () => URL.createObjectURL(new Blob([__RECORDER__], { type: 'text/javascript' }));
  const connect = AudioNode.prototype.connect;
  const disconnect = AudioNode.prototype.disconnect;
  const addModule = AudioWorklet.prototype.addModule;
  const byContext = new WeakMap();
  const byWorklet = new WeakMap();

  const tapeOf = (context) => {
    let tape = byContext.get(context);
    if (tape) return tape;
    tape = { context, blocks: [], late: false, node: null, waiting: [], flushed: new Map() };
    byContext.set(context, tape);
    byWorklet.set(context.audioWorklet, tape);
    tapes.push(tape);
    tape.ready = addModule.call(context.audioWorklet, module()).then(() => {
      tape.node = new AudioWorkletNode(context, 'tests-tap', { numberOfOutputs: 1 });
      tape.node.port.onmessage = ({ data }) => {
        if ('flushed' in data) tape.flushed.get(data.flushed)?.();
        else tape.blocks.push(data);
      };
      // Its output is silence; it is there so that the recorder is always run.
      connect.call(tape.node, context.destination);
      for (const feed of tape.waiting) feed(tape.node);
    });
    return tape;
  };

  const Original = globalThis.AudioContext;
  globalThis.AudioContext = class AudioContext extends Original {
    constructor(...options) { super(...options); if (this.audioWorklet) tapeOf(this); }
  };

  AudioWorklet.prototype.addModule = function (...options) {
    const tape = byWorklet.get(this);
    const load = () => addModule.apply(this, options);
    return tape ? tape.ready.then(load) : load();
  };

  AudioNode.prototype.connect = function (target, ...rest) {
    if (target instanceof AudioDestinationNode && byContext.has(this.context)) {
      const tape = tapeOf(this.context);
      const feed = (node) => connect.call(this, node, rest[0] ?? 0, 0);
      if (tape.node) feed(tape.node);
      else { tape.late = true; tape.waiting.push(feed); }
    }
    return connect.call(this, target, ...rest);
  };

  AudioNode.prototype.disconnect = function (...targets) {
    const tape = byContext.get(this.context);
    if (targets[0] instanceof AudioDestinationNode && tape?.node) {
      try { disconnect.call(this, tape.node); } catch { /* was not fed to the tap */ }
    }
    return disconnect.apply(this, targets);
  };
})();
""".replace("__RECORDER__", json.dumps(_RECORDER))

_READ = """async () => {
  const answers = [];
  for (const tape of globalThis.testsTap ?? []) {
    await tape.ready;
    if (tape.context.state === 'running') {
      const number = tape.flushed.size;
      await new Promise((resolve) => {
        tape.flushed.set(number, resolve);
        tape.node.port.postMessage(number);
      });
    }
    const blocks = tape.blocks;
    const start = blocks[0]?.first ?? 0;
    const last = blocks[blocks.length - 1];
    const all = new Float32Array(last ? last.first + last.samples.length - start : 0);
    const holes = [];
    let expected = start;
    for (const block of blocks) {
      if (block.first !== expected) holes.push([expected - start, block.first - start]);
      expected = block.first + block.samples.length;
      all.set(block.samples, block.first - start);
    }
    const bytes = new Uint8Array(all.buffer);
    let text = '';
    for (let i = 0; i < bytes.length; i += 32768)
      text += String.fromCharCode(...bytes.subarray(i, i + 32768));
    answers.push({
      rate: tape.context.sampleRate, late: tape.late, first: start,
      holes, data: btoa(text),
    });
  }
  return answers;
}"""


def install(to: BrowserContext | AnyPage) -> None:
    """Tap every page that a browser's context opens from now on, or whatever this page opens."""
    to.add_init_script(_INSTALL)


def read(page: AnyPage) -> list[Tape]:
    """What each AudioContext of the page has played so far, in the order they were made."""
    raw = cast("list[_Raw]", page.evaluate(_READ))
    return [
        Tape(
            sample_rate=int(tape["rate"]),
            first_frame=tape["first"],
            samples=np.frombuffer(base64.b64decode(tape["data"]), dtype="<f4"),
            late=tape["late"],
            holes=tuple((start, end) for start, end in tape["holes"]),
        )
        for tape in raw
    ]
