/** The module of a desk's small parts for anywidget (cartesia_nb/tuning/desk.py). */

import { showCode } from "./desk/copyable";
import type { DeskModel } from "./desk/room";
import { showWaits } from "./desk/waits";

interface View {
  model: DeskModel;
  el: HTMLElement;
  signal?: AbortSignal;
}

export default {
  render({ model, el, signal }: View): () => void {
    const local = new AbortController();
    signal?.addEventListener("abort", () => local.abort());
    if (signal?.aborted) local.abort();
    const show = model.get("part") === "waits" ? showWaits : showCode;
    show(model, el, local.signal);
    return () => local.abort();
  },
};
