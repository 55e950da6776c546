/** How takes that are compared look, beside what the player's card has. */

export const COMPARING_STYLES = `
.compared { display: flex; flex-direction: column; gap: 12px; }
.count { font-size: 13px; color: var(--muted); font-variant-numeric: tabular-nums; }
.count:empty, .note:empty, .keys:empty, .question:empty, .why:empty { display: none; }
.deck { display: flex; flex-wrap: wrap; align-items: center; gap: 10px 14px; }
.deck .play { flex: none; --left: 44px; }
.tiles { flex: 1 1 200px; display: flex; flex-wrap: wrap; gap: 8px; min-width: 0; }
.tile {
  flex: 1 1 128px;
  min-width: 0;
  min-height: 44px;
  display: flex;
  align-items: center;
  gap: 8px;
  padding: 7px 12px;
  text-align: start;
  border: 1px solid var(--bar);
  border-radius: 10px;
}
.tile:hover { background: var(--hover); }
.tile[aria-pressed="true"] { border-color: var(--accent); background: var(--soft); box-shadow: inset 0 0 0 1px var(--accent); }
.tile[data-awaited] { border-style: dashed; border-color: var(--accent); }
.tile .key, .choice .key {
  flex: none;
  min-width: 20px;
  padding: 1px 5px;
  text-align: center;
  font-size: 12px;
  color: var(--muted);
  border: 1px solid var(--line);
  border-radius: 5px;
  font-variant-numeric: tabular-nums;
}
/* No text: it is not part of the button's name, which is what a person says to press it. */
.key::before { content: attr(data-key); }
.tile .name { min-width: 0; overflow-wrap: anywhere; font-weight: 600; }
.tile .begun { margin-inline-start: auto; flex: none; width: 8px; height: 8px; border-radius: 50%; border: 1.5px solid var(--bar); }
.tile .begun[data-is] { background: var(--accent); border-color: var(--accent); }
.way { display: flex; align-items: center; gap: 12px; }
.way input { flex: 1; min-width: 0; height: 24px; margin: 0; accent-color: var(--accent); cursor: pointer; }
.clock { flex: none; font-size: 13px; color: var(--muted); font-variant-numeric: tabular-nums; }
.compared .words { margin-top: 0; }
.asking { display: flex; flex-direction: column; gap: 10px; padding-top: 12px; border-top: 1px solid var(--line); }
.question { font-size: 16px; font-weight: 600; }
.answers { display: flex; flex-wrap: wrap; align-items: center; gap: 8px; }
.choice, .confirm { min-height: 40px; padding: 6px 18px; border-radius: 10px; border: 1px solid var(--bar); display: inline-flex; align-items: center; gap: 8px; }
.choice { font-weight: 600; }
.choice:hover { background: var(--hover); }
.choice[aria-pressed="true"] { border-color: var(--accent); background: var(--soft); box-shadow: inset 0 0 0 1px var(--accent); }
.confirm { margin-inline-start: auto; border-color: transparent; background: var(--accent); color: var(--on-accent); }
.choice[aria-disabled="true"] { color: var(--muted); border-color: var(--line); background: none; cursor: default; }
.confirm[aria-disabled="true"] { background: var(--rest); color: var(--muted); cursor: default; }
.why { font-size: 13px; color: var(--muted); }
.note, .keys { font-size: 12.5px; color: var(--muted); overflow-wrap: anywhere; }
.keys kbd { font: inherit; color: var(--fg); padding: 0 4px; border: 1px solid var(--line); border-radius: 4px; }
.results { margin: 0; padding: 0; list-style: none; display: flex; flex-direction: column; gap: 6px; }
@container (max-width: 420px) {
  .compared { gap: 10px; }
  .confirm { margin-inline-start: 0; flex: 1 1 100%; justify-content: center; }
  .choice { flex: 1 1 80px; justify-content: center; }
}
@media (forced-colors: active) {
  .tile[aria-pressed="true"], .choice[aria-pressed="true"] { outline: 2px solid Highlight; }
}
`;
