/** A line that says that what was done waits for the kernel; nothing while it does not. */

import { make, write } from "../view/elements";
import { watchActs } from "./acts";
import { bringWithinReach } from "./reach";
import { type DeskModel, room } from "./room";
import { Waiting } from "./waiting";

const BUSY = "The kernel is busy with a cell: this waits until it is done.";
const GONE = "The kernel of these controls has ended: run the cell again.";

export function showWaits(model: DeskModel, el: HTMLElement, signal: AbortSignal): void {
  const line = make("div", "line", { role: "status" });
  room(el, signal).append(line);
  let gone = false;
  const waiting = new Waiting({
    ping: (number) => {
      try {
        model.send({ type: "ping", number });
      } catch {
        // Its comm is closed.
        gone = true;
        waiting.end();
        write(line, GONE);
      }
    },
    show: (waits) => write(line, waits ? BUSY : ""),
  });
  const heard = (content: unknown) => {
    const { type, number } = (content ?? {}) as { type?: unknown; number?: unknown };
    if (type === "pong") waiting.answered(number);
  };
  const ended = () => {
    gone = true;
    waiting.end();
  };
  model.on("msg:custom", heard);
  // Jupyter's widget manager says so when the kernel restarts or dies.
  model.on("comm_live_update", ended);
  bringWithinReach(el, signal);
  watchActs(el, () => (gone ? write(line, GONE) : waiting.acted()), signal);
  signal.addEventListener("abort", () => {
    waiting.end();
    model.off("msg:custom", heard);
    model.off("comm_live_update", ended);
  });
}
