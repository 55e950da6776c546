/** The Player's module for anywidget: small, because every player in a notebook carries it. */

import type { SpeakerExports } from "./hub";
import { hasStill } from "./still";
import { Looks, type LookModel as Model } from "./view/looks";

interface Host {
  getWidget(ref: string): Promise<{ exports: unknown }>;
}
interface View {
  model: Model;
  el: HTMLElement;
  signal?: AbortSignal;
  host?: Host;
}

/** Milliseconds between two looks for the Speaker, before and after the host was asked for it. */
const LOOK_EVERY = 50;
const FIRST_LOOK = 500;
const LAST_LOOK = 5000;

async function find(model: Model, host: Host | undefined, signal: AbortSignal) {
  const id = String(model.get("speaker_id"));
  const here = async (bound: number) => {
    for (let waited = 0; waited < bound && !signal.aborted; waited += LOOK_EVERY) {
      const shared = globalThis as { [key: symbol]: { speakers?: Map<string, SpeakerExports> } };
      const speaker = shared[Symbol.for("cartesia_nb")]?.speakers?.get(id);
      if (speaker !== undefined) return speaker;
      await new Promise((done) => setTimeout(done, LOOK_EVERY));
    }
    return undefined;
  };
  const speaker = await here(FIRST_LOOK);
  if (speaker !== undefined || signal.aborted) return speaker;
  // Where widgets load only when shown, asking for the Speaker's model makes it.
  const found = await host?.getWidget(String(model.get("speaker"))).catch(() => undefined);
  return (found?.exports as SpeakerExports | undefined) ?? here(LAST_LOOK);
}

function say(el: HTMLElement, text: string): void {
  const line = document.createElement("div");
  line.style.cssText = "padding:8px 0;font:13px system-ui,sans-serif;opacity:.75";
  line.textContent = text;
  el.replaceChildren(line);
}

export default {
  render({ model, el, signal, host }: View): () => void {
    const local = new AbortController();
    signal?.addEventListener("abort", () => local.abort());
    if (signal?.aborted) local.abort();
    const label = String(model.get("label") ?? "");
    say(el, label);
    void find(model, host, local.signal).then((speaker) => {
      if (local.signal.aborted) return;
      if (speaker === undefined) {
        const why = "The sound is not here any more: its kernel has ended. Run the cell again.";
        if (hasStill(el)) say(el, "Run the cell again to hear it.");
        else say(el, label === "" ? why : `${label} — ${why}`);
        return;
      }
      el.replaceChildren();
      const looks = new Looks(model, local.signal);
      speaker.mount(String(model.get("take")), el, local.signal, looks);
    });
    return () => local.abort();
  },
};
