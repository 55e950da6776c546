/**
 * The module of listening and of blind tests for anywidget (cartesia_nb/tuning/listen.py); it is
 * built as listening.js.
 */

import { ComparingView } from "./comparing/view";
import type { DeskModel } from "./desk/room";
import { widgetOf } from "./find";

export default widgetOf((model: DeskModel, el, signal) => {
  const view = new ComparingView(model, el, signal);
  return (speaker) => view.found(speaker ?? null);
});
