/** How the desk's parts look: as the player does. */

import { MEDIA_STYLES, THEME_STYLES } from "../view/theme-styles";

export const DESK_STYLES = `${THEME_STYLES}
.line { display: flex; gap: 9px; align-items: baseline; color: var(--muted); padding: 4px 2px; font-size: 13px; }
.line:empty { display: none; }
.line::before {
  content: "";
  flex: none;
  width: 8px;
  height: 8px;
  border-radius: 50%;
  background: var(--accent);
  animation: breathe 1.8s ease-in-out infinite;
}
.code { border: 1px solid var(--line); border-radius: 10px; background: var(--bg); margin: 4px 2px; }
.head { display: flex; align-items: center; gap: 8px; padding: 4px 6px 4px 12px; border-bottom: 1px solid var(--line); }
.label { flex: 1; min-width: 0; color: var(--muted); font-size: 13px; overflow-wrap: anywhere; }
.copy { padding: 4px 10px; border-radius: 8px; color: var(--accent); font-size: 13px; white-space: nowrap; }
.copy:hover { background: var(--hover); }
pre {
  margin: 0;
  padding: 10px 12px;
  max-height: 22em;
  overflow: auto;
  font: 12.5px/1.5 var(--jp-code-font-family, ui-monospace, Menlo, Consolas, monospace);
  tab-size: 4;
  border-radius: 0 0 10px 10px;
}
.unseen {
  position: absolute;
  width: 1px;
  height: 1px;
  overflow: hidden;
  clip-path: inset(50%);
  white-space: nowrap;
}
@keyframes breathe { 50% { opacity: 0.35; } }
${MEDIA_STYLES}`;
