/** The bar above a gallery: which page of which takes, and other ones. */

import { make, put, write } from "../view/elements";
import type { Where } from "./asking";
import type { Filter, Page } from "./page";

export class Bar {
  readonly el = make("div", "bar");
  readonly #which = make("span", "which", { role: "status" });
  readonly #filters = make("span", "filters", { "data-off": "" });
  readonly #previous = make("button", "turn", { type: "button", "aria-label": "Previous page" });
  readonly #next = make("button", "turn", { type: "button", "aria-label": "Next page" });
  readonly #choose: (where: Where) => void;
  #page: Page | null = null;
  #over = false;

  constructor(turn: (step: number) => void, choose: (where: Where) => void) {
    this.#choose = choose;
    write(this.#previous, "‹ Previous");
    write(this.#next, "Next ›");
    this.#previous.addEventListener("click", () => turn(-1));
    this.#next.addEventListener("click", () => turn(1));
    const turns = make("span", "turns");
    turns.append(this.#previous, this.#next);
    this.el.append(this.#which, this.#filters, turns);
  }

  show(page: Page): void {
    const before = this.#page;
    this.#page = page;
    write(this.#which, whichText(page));
    // What a person is choosing in is not made anew.
    if (before === null || !alike(before.filters, page.filters)) {
      this.#filters.replaceChildren(...page.filters.map((filter) => this.#choice(filter)));
      this.#filters.toggleAttribute("data-off", page.filters.length === 0);
    }
    for (const select of this.#filters.querySelectorAll("select")) {
      const filter = page.filters.find(({ name }) => name === select.name);
      select.value = String(filter?.chosen ?? "");
    }
    this.#allow();
  }

  /** No other page comes any more. */
  end(): void {
    this.#over = true;
    this.#allow();
    for (const select of this.#filters.querySelectorAll("select")) select.disabled = true;
  }

  #allow(): void {
    const { page, pages } = this.#page ?? { page: 1, pages: 1 };
    // Not `disabled`, which would take the focus away.
    put(this.#previous, "aria-disabled", String(this.#over || page <= 1));
    put(this.#next, "aria-disabled", String(this.#over || page >= pages));
    for (const button of [this.#previous, this.#next])
      button.toggleAttribute("data-off", pages < 2);
  }

  #choice({ name, values }: Filter): HTMLElement {
    const label = make("label", "filter");
    const title = make("span", "");
    write(title, name.replaceAll("_", " "));
    const select = make("select", "", { name });
    const options = ["all", ...values].map((text, index) => {
      const option = make("option", "", { value: index === 0 ? "" : String(index - 1) });
      write(option, text);
      return option;
    });
    select.append(...options);
    select.addEventListener("change", () => this.#choose(this.#where()));
    label.append(title, select);
    return label;
  }

  #where(): Record<string, number> {
    const found: Record<string, number> = {};
    for (const { name, value } of this.#filters.querySelectorAll("select")) {
      if (value !== "") found[name] = Number(value);
    }
    return found;
  }
}

function alike(a: readonly Filter[], b: readonly Filter[]): boolean {
  const said = (filters: readonly Filter[]) =>
    JSON.stringify(filters.map(({ name, values }) => [name, values]));
  return said(a) === said(b);
}

export function whichText({ page, pages, takes }: Page): string {
  const all = `${takes} take${takes === 1 ? "" : "s"}`;
  return pages > 1 ? `Page ${page} of ${pages} · ${all}` : all;
}
