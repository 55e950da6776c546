/** Small makers of elements. Text goes in as text only. */

export function make<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  className: string,
  attributes: Readonly<Record<string, string>> = {},
): HTMLElementTagNameMap[K] {
  const el = document.createElement(tag);
  if (className !== "") el.className = className;
  for (const [name, value] of Object.entries(attributes)) el.setAttribute(name, value);
  return el;
}

/** Set what changed, and touch nothing else: a write to the page costs a new layout. */
export function put(el: Element, attribute: string, value: string): void {
  if (el.getAttribute(attribute) !== value) el.setAttribute(attribute, value);
}

export function write(el: Element, text: string): void {
  if (el.textContent !== text) el.textContent = text;
}

const ICONS = {
  play: "M8.2 5.3a1 1 0 0 1 1.5-.87l10.2 6.7a1 1 0 0 1 0 1.74l-10.2 6.7a1 1 0 0 1-1.5-.87z",
  pause:
    "M7.5 5h2A1.5 1.5 0 0 1 11 6.5v11A1.5 1.5 0 0 1 9.5 19h-2A1.5 1.5 0 0 1 6 17.5v-11A1.5 1.5 0 0 1 7.5 5zm7 0h2A1.5 1.5 0 0 1 18 6.5v11a1.5 1.5 0 0 1-1.5 1.5h-2a1.5 1.5 0 0 1-1.5-1.5v-11A1.5 1.5 0 0 1 14.5 5z",
  again:
    "M12 5a7 7 0 1 1-6.7 9.05 1 1 0 0 1 1.9-.6A5 5 0 1 0 8.1 8.9H10a1 1 0 1 1 0 2H5.5a1 1 0 0 1-1-1V5.5a1 1 0 1 1 2 0v2.16A7 7 0 0 1 12 5z",
  stop: "M8 6.5h8A1.5 1.5 0 0 1 17.5 8v8a1.5 1.5 0 0 1-1.5 1.5H8A1.5 1.5 0 0 1 6.5 16V8A1.5 1.5 0 0 1 8 6.5z",
  download:
    "M12 4a1 1 0 0 1 1 1v7.1l2.3-2.3a1 1 0 0 1 1.4 1.4l-4 4a1 1 0 0 1-1.4 0l-4-4a1 1 0 0 1 1.4-1.4l2.3 2.3V5a1 1 0 0 1 1-1zM5.5 17.5h13a1 1 0 1 1 0 2h-13a1 1 0 1 1 0-2z",
  loop: "M7.3 4.3a1 1 0 0 1 1.4 1.4L7.4 7H17a4 4 0 0 1 4 4v1a1 1 0 1 1-2 0v-1a2 2 0 0 0-2-2H7.4l1.3 1.3a1 1 0 1 1-1.4 1.4l-3-3a1 1 0 0 1 0-1.4zM16.7 19.7a1 1 0 0 1-1.4-1.4l1.3-1.3H7a4 4 0 0 1-4-4v-1a1 1 0 1 1 2 0v1a2 2 0 0 0 2 2h9.6l-1.3-1.3a1 1 0 1 1 1.4-1.4l3 3a1 1 0 0 1 0 1.4z",
  sound:
    "M11.4 5.2A.9.9 0 0 1 13 5.8v12.4a.9.9 0 0 1-1.6.6L7.8 15.5H5.5A1.5 1.5 0 0 1 4 14v-4a1.5 1.5 0 0 1 1.5-1.5h2.3zM15.3 8.6a1 1 0 0 1 1.4 0 4.8 4.8 0 0 1 0 6.8 1 1 0 0 1-1.4-1.4 2.8 2.8 0 0 0 0-4 1 1 0 0 1 0-1.4zM17.9 6a1 1 0 0 1 1.4 0 8.5 8.5 0 0 1 0 12 1 1 0 0 1-1.4-1.4 6.5 6.5 0 0 0 0-9.2 1 1 0 0 1 0-1.4z",
  silent:
    "M11.4 5.2A.9.9 0 0 1 13 5.8v12.4a.9.9 0 0 1-1.6.6L7.8 15.5H5.5A1.5 1.5 0 0 1 4 14v-4a1.5 1.5 0 0 1 1.5-1.5h2.3zM15.3 9.3a1 1 0 0 1 1.4 0l1.3 1.3 1.3-1.3a1 1 0 1 1 1.4 1.4L19.4 12l1.3 1.3a1 1 0 0 1-1.4 1.4L18 13.4l-1.3 1.3a1 1 0 0 1-1.4-1.4l1.3-1.3-1.3-1.3a1 1 0 0 1 0-1.4z",
} as const;
export type IconName = keyof typeof ICONS;

/** A drawn icon that can become another one. */
export class Icon {
  readonly el = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  readonly #path = document.createElementNS("http://www.w3.org/2000/svg", "path");

  constructor(name: IconName) {
    this.el.setAttribute("viewBox", "0 0 24 24");
    this.el.setAttribute("aria-hidden", "true");
    this.el.append(this.#path);
    this.show(name);
  }

  show(name: IconName): void {
    put(this.#path, "d", ICONS[name]);
  }
}
