/** The player's look. */

import { AXIS_STYLES } from "./axis-styles";
import { MEDIA_STYLES, THEME_STYLES } from "./theme-styles";

const CARD_STYLES = `
.card {
  position: relative;
  --left: 52px;
  --between: 16px;
  --wave: 68px;
  --picture: 116px;
  margin: 4px 2px 8px;
  padding: 16px 18px 12px;
  background: var(--bg);
  border: 1px solid var(--line);
  border-radius: 16px;
  box-shadow: var(--shadow);
}
.play {
  width: var(--left);
  height: var(--left);
  border-radius: 50%;
  display: grid;
  place-items: center;
  color: var(--on-accent);
  background: var(--accent);
  transition: transform 120ms ease, filter 120ms ease;
}
.play svg { width: 30px; height: 30px; }
.play:hover { filter: brightness(1.08); transform: scale(1.04); }
.play:active { transform: scale(0.97); }
.play[aria-disabled="true"] { background: var(--rest); color: var(--muted); cursor: default; transform: none; }
.words {
  /* Room for the light around a word at the edge. */
  margin: 12px -3px 0;
  padding: 0 3px;
  /* Half a line more than five: what is cut shows that there is more. */
  max-height: 8.9em;
  overflow-y: auto;
  font-size: 16px;
  line-height: 1.62;
  overflow-wrap: anywhere;
  white-space: pre-wrap;
  scrollbar-width: thin;
  position: relative;
}
.paragraph {
  margin: 0 -3px;
  padding: 0 3px;
  content-visibility: auto;
  contain-intrinsic-size: auto 8em;
}
.words[data-reading] { color: var(--muted); }
.word { border-radius: 5px; cursor: pointer; }
.word:hover { background: var(--hover); }
.word.said { color: var(--fg); }
.word.now { color: var(--accent); background: var(--soft); box-shadow: 0 0 0 2px var(--soft); }
.foot {
  display: flex;
  flex-wrap: wrap;
  align-items: center;
  gap: 4px 10px;
  margin-top: 10px;
  min-height: 32px;
}
.status {
  flex: 1 1 170px;
  min-width: 0;
  display: flex;
  gap: 9px;
  font-size: 13px;
  color: var(--muted);
  overflow-wrap: anywhere;
}
.dot { flex: none; width: 8px; height: 8px; margin-top: 0.38em; border-radius: 50%; background: var(--bar); }
[data-tone="busy"] .dot { background: var(--accent); animation: breathe 1.8s ease-in-out infinite; }
[data-tone="alert"] .dot { background: var(--alert); }
[data-tone="alert"] .says { color: var(--alert); }
.label::before { content: " · "; }
.tools { display: flex; align-items: center; gap: 2px; margin-left: auto; }
.tool {
  flex: none;
  width: 32px;
  height: 32px;
  border-radius: 8px;
  display: grid;
  place-items: center;
  color: var(--muted);
}
.tool.stop svg { width: 22px; height: 22px; }
.tool:hover { background: var(--hover); color: var(--fg); }
.tool[aria-pressed="true"] { color: var(--accent); background: var(--soft); }
.tool[aria-disabled="true"] { opacity: 0.45; cursor: default; background: none; }
.volume { width: 84px; min-width: 0; height: 24px; margin: 0 2px; accent-color: var(--muted); cursor: pointer; }
.unseen {
  position: absolute;
  width: 1px;
  height: 1px;
  overflow: hidden;
  clip-path: inset(50%);
  white-space: nowrap;
}
@keyframes breathe { 50% { opacity: 0.35; } }
@container (max-width: 420px) {
  .card { --left: 44px; --between: 12px; --wave: 54px; --picture: 92px; padding: 12px 12px 8px; border-radius: 14px; }
  .words { font-size: 15px; margin-top: 8px; }
  .status { flex-basis: 100%; }
  .tools { width: 100%; margin: 0 -6px; }
  .volume { flex: 1; max-width: 140px; }
}
`;

export const STYLES = THEME_STYLES + CARD_STYLES + AXIS_STYLES + MEDIA_STYLES;

/** The font size at size 1, in which breakpoints count. */
const BASE = 14;

/**
 * Lengths follow the size: `12px` becomes a multiple of it. A breakpoint knows no variables, but
 * counts in the host's font size, which follows the size as well.
 */
export function scaled(css: string): string {
  return css
    .split("\n")
    .map((line) =>
      line.startsWith("@container")
        ? line.replace(/([\d.]+)px/g, (_, px: string) => `${Number(px) / BASE}em`)
        : line.replace(/(?<![\w.])(-?[\d.]+)px/g, "calc($1px * var(--size))"),
    )
    .join("\n");
}
