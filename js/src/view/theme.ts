/** Light or dark: what the host says, else what the page looks like, else what the system asks. */

export type Theme = "light" | "dark";

export function themeOf(el: Element): Theme {
  return themeSaid(document) ?? themeSeen(el) ?? themeAsked();
}

/** JupyterLab and Notebook, VS Code, marimo, Colab: each has its own way of saying it. */
function themeSaid({ body, documentElement: html }: Document): Theme | null {
  const jupyter = body.dataset.jpThemeLight;
  if (jupyter !== undefined) return jupyter === "false" ? "dark" : "light";
  const code = body.dataset.vscodeThemeKind;
  if (code !== undefined)
    return code.includes("dark") || code === "vscode-high-contrast" ? "dark" : "light";
  const name = html.dataset.theme ?? body.dataset.theme ?? html.getAttribute("theme");
  if (name === "dark" || name === "light") return name;
  if (html.classList.contains("dark")) return "dark";
  return null;
}

/** The first background that is not see-through, from `el` outwards. */
function themeSeen(el: Element): Theme | null {
  for (let at: Element | null = el; at !== null; at = at.parentElement ?? hostOf(at)) {
    const colour = getComputedStyle(at)
      .backgroundColor.match(/[\d.]+/g)
      ?.map(Number);
    if (colour === undefined || colour.length < 3 || (colour[3] ?? 1) < 0.5) continue;
    const [r = 0, g = 0, b = 0] = colour;
    return 0.299 * r + 0.587 * g + 0.114 * b < 128 ? "dark" : "light";
  }
  return null;
}

function hostOf(el: Element): Element | null {
  const root = el.getRootNode();
  return root instanceof ShadowRoot ? root.host : null;
}

function themeAsked(): Theme {
  return matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
}

/** Call `changed` when the host or the system may have changed its mind. */
export function watchTheme(changed: () => void, signal: AbortSignal): void {
  const observer = new MutationObserver(changed);
  observer.observe(document.documentElement, { attributes: true });
  observer.observe(document.body, { attributes: true });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", changed, { signal });
  signal.addEventListener("abort", () => observer.disconnect());
}
