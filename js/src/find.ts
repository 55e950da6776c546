/** How a widget of this package finds its Speaker in the page. */

import type { SpeakerExports } from "./hub";

/** What anywidget hands to `render` for reaching other widgets. */
interface Host {
  getWidget(ref: string): Promise<{ exports: unknown }>;
}

/** Milliseconds between two looks for the Speaker, before and after the host was asked for it. */
const LOOK_EVERY = 50;
const FIRST_LOOK = 500;
const LAST_LOOK = 5000;

/** The Speaker that `model` names; undefined if it is not there, or `signal` aborts. */
async function findSpeaker(
  model: { get(name: string): unknown },
  host: Host | undefined,
  signal: AbortSignal,
): Promise<SpeakerExports | undefined> {
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

/** One plain line in place of what `el` would show. */
export function say(el: HTMLElement, text: string): void {
  const line = document.createElement("div");
  line.style.cssText = "padding:8px 0;font:13px system-ui,sans-serif;opacity:.75";
  line.textContent = text;
  el.replaceChildren(line);
}

/** What anywidget hands to `render`. */
interface View<M> {
  model: M;
  el: HTMLElement;
  signal?: AbortSignal;
  host?: Host;
}

/**
 * The module for anywidget of a widget that needs its Speaker. `show` draws what can be drawn without
 * it, until `signal` aborts, and gives what is to be done when it was found, or could not be.
 */
export function widgetOf<M extends { get(name: string): unknown }>(
  show: (
    model: M,
    el: HTMLElement,
    signal: AbortSignal,
  ) => (speaker: SpeakerExports | undefined) => void,
): { render(view: View<M>): () => void } {
  return {
    render({ model, el, signal, host }) {
      const local = new AbortController();
      signal?.addEventListener("abort", () => local.abort());
      if (signal?.aborted) local.abort();
      const found = show(model, el, local.signal);
      void findSpeaker(model, host, local.signal).then((speaker) => {
        if (!local.signal.aborted) found(speaker);
      });
      return () => local.abort();
    },
  };
}
