/** What a blind test asks: the question, the answers to choose from, and the results at the end. */

import { make, put, write } from "../view/elements";
import { listed, type Trial } from "./trial";

const BUSY = "Waiting for the kernel: it is busy with a cell. Your answer is on its way.";
const LOST = "The kernel has ended, so nothing can be answered any more. Run the cell again.";

export class Asking {
  readonly el = make("div", "asking", { role: "group", "aria-label": "Answer" });
  readonly #question = make("div", "question");
  readonly #answers = make("div", "answers");
  readonly #confirm = make("button", "confirm", { type: "button", "aria-keyshortcuts": "Enter" });
  readonly #why = make("div", "why");
  readonly #choose: (choice: string) => void;
  #choices: HTMLButtonElement[] = [];

  constructor(choose: (choice: string) => void, confirm: () => void) {
    this.#choose = choose;
    this.#confirm.addEventListener("click", confirm);
    write(this.#confirm, "Confirm");
    this.el.append(this.#question, this.#answers, this.#why);
    this.#answers.append(this.#confirm);
  }

  ask(question: string, choices: readonly string[]): void {
    write(this.#question, question);
    if (choices.join() === this.#choices.map(({ value }) => value).join()) return;
    this.#choices = choices.map((choice) => {
      const key = choice.toLowerCase();
      const keys = { "aria-keyshortcuts": key, "aria-label": choice };
      const el = make("button", "choice", { type: "button", value: choice, ...keys });
      const shown = make("span", "key", { "aria-hidden": "true", "data-key": key });
      const name = make("span", "");
      write(name, choice);
      el.append(name, shown);
      el.addEventListener("click", () => this.#choose(choice));
      return el;
    });
    this.#answers.replaceChildren(...this.#choices, this.#confirm);
  }

  /** `lost`: there is no kernel to answer to. */
  show(trial: Trial, waits: boolean, lost: boolean): void {
    const open = trial.open && !lost;
    for (const el of this.#choices) {
      put(el, "aria-pressed", String(el.value === trial.chosen));
      put(el, "aria-disabled", String(!open));
    }
    put(this.#confirm, "aria-disabled", String(!open || trial.chosen === null));
    write(this.#why, whyText(trial, waits, lost));
  }

  /** It is the button of `choice`. */
  is(target: EventTarget | undefined, choice: string | null): boolean {
    return this.#choices.some((el) => el === target && el.value === choice);
  }
}

export function whyText(trial: Trial, waits: boolean, lost: boolean): string {
  if (lost) return LOST;
  if (trial.answered) return waits ? BUSY : "Answered.";
  if (trial.unheard.length > 0) return `Listen to ${listed(trial.unheard)} before you answer.`;
  if (trial.chosen === null) return "Choose one; it counts when you confirm it.";
  return `${trial.chosen} is chosen. Press Enter to confirm it, or choose another.`;
}
