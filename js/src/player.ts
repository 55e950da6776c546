/** The Player's module for anywidget: small, because every player in a notebook carries it. */

import { say, widgetOf } from "./find";
import { hasStill } from "./still";
import { type LookModel, Looks } from "./view/looks";

export default widgetOf((model: LookModel, el, signal) => {
  const label = String(model.get("label") ?? "");
  say(el, label);
  return (speaker) => {
    if (speaker === undefined) {
      const why = "The sound is not here any more: its kernel has ended. Run the cell again.";
      if (hasStill(el)) say(el, "Run the cell again to hear it.");
      else say(el, label === "" ? why : `${label} — ${why}`);
      return;
    }
    el.replaceChildren();
    speaker.mount(String(model.get("take")), el, signal, new Looks(model, signal));
  };
});
