/** Code to read, and a button that copies it. */

import { make, put, write } from "../view/elements";
import { copy, selectAll } from "./clipboard";
import { type DeskModel, room } from "./room";

/** Milliseconds that the button says what came of it. */
const SAID = 2500;

export function showCode(model: DeskModel, el: HTMLElement, signal: AbortSignal): void {
  const label = make("span", "label");
  const button = make("button", "copy", { type: "button" });
  const said = make("span", "unseen", { role: "status" });
  // tabindex: what scrolls has to be reached by keyboard.
  const code = make("pre", "", { tabindex: "0", role: "region", translate: "no" });
  const head = make("div", "head");
  head.append(label, button, said);
  const whole = make("div", "code");
  whole.append(head, code);
  room(el, signal).append(whole);

  let over: ReturnType<typeof setTimeout> | undefined;
  const say = (short: string, long: string) => {
    write(button, short);
    write(said, long);
  };
  const draw = () => {
    const name = String(model.get("label") ?? "");
    write(label, name);
    write(code, String(model.get("code") ?? ""));
    put(code, "aria-label", name === "" ? "Code" : name);
    put(button, "aria-label", name === "" ? "Copy" : `Copy: ${name}`);
    clearTimeout(over);
    say("Copy", "");
  };
  const press = async () => {
    const done = await copy(code.textContent ?? "");
    if (signal.aborted) return;
    if (done) say("Copied", "Copied");
    else {
      selectAll(code);
      say("Press Ctrl+C", "It is selected: press Ctrl+C, or Command+C on a Mac");
    }
    clearTimeout(over);
    over = setTimeout(() => say("Copy", ""), SAID);
  };
  button.addEventListener("click", () => void press());
  // Its own keys are the browser's; a notebook would run or copy the cell.
  whole.addEventListener("keydown", (event) => {
    if (event.key === "Enter" || event.key === " ") event.stopPropagation();
  });
  draw();
  const names = ["change:code", "change:label"];
  for (const name of names) model.on(name, draw);
  signal.addEventListener("abort", () => {
    clearTimeout(over);
    for (const name of names) model.off(name, draw);
  });
}
