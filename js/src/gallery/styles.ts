/** How a gallery looks, beside what all our parts wear. */

export const GALLERY_STYLES = `
.gallery { margin: 4px 2px 8px; }
.bar { display: flex; flex-wrap: wrap; align-items: center; gap: 6px 10px; margin-bottom: 8px; font-size: 13px; color: var(--muted); }
.which { flex: 1 1 auto; min-width: 0; }
.filters { display: inline-flex; flex-wrap: wrap; gap: 6px 10px; min-width: 0; }
.turns { display: inline-flex; gap: 2px; }
.filter { display: inline-flex; align-items: center; gap: 5px; min-width: 0; max-width: 100%; }
.filter select {
  font: inherit;
  color: var(--fg);
  background: var(--bg);
  border: 1px solid var(--bar);
  border-radius: 7px;
  padding: 3px 4px;
  min-width: 0;
  max-width: 150px;
}
.turn { padding: 4px 10px; border-radius: 8px; color: var(--accent); font-size: 13px; white-space: nowrap; }
.turn:hover { background: var(--hover); }
.turn[aria-disabled="true"] { color: var(--muted); cursor: default; background: none; }
.cells { display: grid; gap: 8px; grid-template-columns: repeat(auto-fill, minmax(min(100%, 165px), 1fr)); }
.cells[data-old] { opacity: 0.5; }
.cell {
  display: flex;
  flex-direction: column;
  gap: 5px;
  min-width: 0;
  padding: 6px 7px 7px;
  text-align: start;
  border: 1px solid var(--line);
  border-radius: 10px;
  background: var(--bg);
}
.cell:hover { background: var(--hover); }
.cell[aria-disabled="true"] { cursor: default; background: none; border-style: dashed; }
.cell[data-standing="playing"], .cell[data-standing="waiting"] { border-color: var(--accent); box-shadow: 0 0 0 1px var(--accent); }
.top { display: flex; align-items: flex-start; gap: 5px; font-size: 12px; line-height: 1.35; }
.top svg { flex: none; width: 15px; height: 15px; color: var(--accent); }
.number { flex: none; color: var(--muted); font-variant-numeric: tabular-nums; }
.name { flex: 1; min-width: 0; overflow-wrap: anywhere; display: -webkit-box; -webkit-box-orient: vertical; -webkit-line-clamp: 3; overflow: hidden; }
.length { flex: none; color: var(--muted); font-variant-numeric: tabular-nums; }
.frame { position: relative; display: flex; align-items: flex-end; height: 58px; margin-top: auto; border-radius: 5px; overflow: hidden; box-shadow: inset 0 0 0 1px var(--line); }
.levels { display: block; border-inline-end: 1px solid var(--bar); }
.says { position: absolute; inset: 0; padding: 5px 7px; font-size: 11.5px; line-height: 1.3; color: var(--alert); overflow: hidden; overflow-wrap: anywhere; }
.cell[aria-disabled="true"] .frame { height: auto; min-height: 58px; }
.cell[aria-disabled="true"] .says { position: static; }
.at { position: absolute; top: 0; bottom: 0; width: 2px; margin-left: -1px; background: var(--fg); box-shadow: 0 0 0 1px var(--bg); visibility: hidden; }
.cell[data-standing="playing"] .at, .cell[data-standing="waiting"] .at, .cell[data-standing="paused"] .at { visibility: visible; }
.foot { margin-top: 8px; font-size: 12px; color: var(--muted); }
.foot[data-tone="alert"] { color: var(--alert); }
@container (max-width: 380px) {
  .cells { grid-template-columns: repeat(auto-fill, minmax(min(100%, 128px), 1fr)); gap: 6px; }
  .cell { padding: 5px 5px 6px; }
  .which { flex-basis: 100%; }
  .length { display: none; }
}
@media (forced-colors: active) {
  .cell[data-standing="playing"] { outline: 2px solid Highlight; }
  .levels, .at { forced-color-adjust: none; }
}
`;
