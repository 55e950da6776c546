/** The Player's module for anywidget: small, because every player in a notebook carries it. */

import { findSpeaker, type Host, say } from "./find";
import { hasStill } from "./still";
import { Looks, type LookModel as Model } from "./view/looks";

interface View {
  model: Model;
  el: HTMLElement;
  signal?: AbortSignal;
  host?: Host;
}

export default {
  render({ model, el, signal, host }: View): () => void {
    const local = new AbortController();
    signal?.addEventListener("abort", () => local.abort());
    if (signal?.aborted) local.abort();
    const label = String(model.get("label") ?? "");
    say(el, label);
    void findSpeaker(model, host, local.signal).then((speaker) => {
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
