/** The module of a gallery for anywidget (cartesia_nb/tuning/gallery.py). */

import type { DeskModel } from "./desk/room";
import { widgetOf } from "./find";
import { GalleryView } from "./gallery/view";

export default widgetOf((model: DeskModel, el, signal) => {
  const view = new GalleryView(model, el, signal);
  return (speaker) => view.found(speaker ?? null);
});
