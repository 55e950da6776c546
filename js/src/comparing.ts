/**
 * The module of listening and of blind tests for anywidget (cartesia_nb/tuning/listen.py); it is
 * built as listening.js.
 */

import { ComparingView } from "./comparing/view";
import type { DeskModel } from "./desk/room";
import { findSpeaker, type Host } from "./find";

interface View {
  model: DeskModel;
  el: HTMLElement;
  signal?: AbortSignal;
  host?: Host;
}

export default {
  render({ model, el, signal, host }: View): () => void {
    const local = new AbortController();
    signal?.addEventListener("abort", () => local.abort());
    if (signal?.aborted) local.abort();
    const view = new ComparingView(model, el, local.signal);
    void findSpeaker(model, host, local.signal).then((speaker) => {
      if (!local.signal.aborted) view.found(speaker ?? null);
    });
    return () => local.abort();
  },
};
