/** What all our parts wear. One accent; colours of both themes keep AA contrast on their background. */

/** Colours, type and what all that can be pressed has in common. */
export const THEME_STYLES = `
:host {
  display: block;
  container-type: inline-size;
  color-scheme: light;
  --size: 1;
  --bg: var(--jp-layout-color1, #ffffff);
  --fg: #1b2430;
  --muted: #56616f;
  --line: #dde2e8;
  --hover: #1b24300f;
  --bar: #8a95a3;
  --rest: #c9d0d8;
  --accent: #0f766e;
  --on-accent: #ffffff;
  --soft: #0f766e1c;
  --alert: #a1420c;
  --shadow: 0 1px 2px #1b24300d, 0 4px 16px #1b24300a;
  font: 14px/1.45 var(--jp-ui-font-family, system-ui, -apple-system, "Segoe UI", sans-serif);
  color: var(--fg);
}
:host([data-theme="dark"]) {
  color-scheme: dark;
  --bg: var(--jp-layout-color1, #171b20);
  --fg: #e9edf2;
  --muted: #a4afbc;
  --line: #39414b;
  --hover: #e9edf214;
  --bar: #78838f;
  --rest: #454e59;
  --accent: #3ecfbb;
  --on-accent: #04211d;
  --soft: #3ecfbb2b;
  --alert: #f5a66f;
  --shadow: 0 1px 2px #0000004d;
}
:host([hidden]), [hidden], [data-off] { display: none !important; }
* { box-sizing: border-box; }
button {
  font: inherit;
  color: inherit;
  background: none;
  border: 0;
  padding: 0;
  cursor: pointer;
}
:focus { outline: none; }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
svg { display: block; fill: currentColor; width: 20px; height: 20px; }
`;

export const MEDIA_STYLES = `
@media (prefers-reduced-motion: reduce) {
  *, *::before { animation: none !important; transition: none !important; }
}
@media (forced-colors: active) {
  :host, :host([data-theme]) {
    --bg: Canvas;
    --fg: CanvasText;
    --muted: CanvasText;
    --line: GrayText;
    --bar: CanvasText;
    --rest: GrayText;
    --accent: Highlight;
    --alert: LinkText;
  }
  .play, .ask, .scale { border: 1px solid ButtonText; }
  .word.now, .tag.now { outline: 1px solid; }
  .playhead, .handle::before, .key .strip, .track { forced-color-adjust: none; }
}
`;
