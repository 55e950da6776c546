/** The look of the latency line and its waterfall; lengths in em, so that the card's size scales it. */

export const LATENCY_STYLES = `
.latency { font-size: 0.86em; color: var(--muted); }
.latency-line {
  display: flex;
  flex-wrap: wrap;
  align-items: baseline;
  gap: 0.1em 1.15em;
  width: 100%;
  padding: 0.35em 0.4em 0.35em 1.5em;
  position: relative;
  text-align: left;
  border-radius: 0.6em;
  font-variant-numeric: tabular-nums;
}
.latency-line:hover { background: var(--hover); }
.fold {
  position: absolute;
  left: 0.5em;
  top: 0.78em;
  width: 0.5em;
  height: 0.5em;
  border: solid currentColor;
  border-width: 0 0.13em 0.13em 0;
  transform: rotate(-45deg);
  transition: transform 120ms ease;
}
[aria-expanded="true"] > .fold { transform: rotate(45deg); }
.figure { white-space: nowrap; }
.figure .value { display: inline-block; color: var(--fg); }
.figure[data-known]:is(.ttfb, .ttfa, .sound) .value { min-width: 6ch; }
.figure[data-known].ahead .value { min-width: 5ch; }
.figure[data-known].chunks .value { min-width: 2ch; }
.figure[data-alert] .value { color: var(--alert); font-weight: 600; }
.latency-panel { padding: 0.5em 0.4em 0.2em; }
.legend {
  display: flex;
  flex-wrap: wrap;
  gap: 0.1em 1.2em;
  margin: 0 0 0.4em;
  padding: 0;
  list-style: none;
}
.legend li { display: flex; align-items: center; gap: 0.5em; }
.legend li::before { content: ""; flex: none; width: 1.5em; height: 0.75em; }
.legend .received::before { width: 0.16em; height: 0.95em; background: var(--fg); }
.legend .way::before { height: 0.1em; background: var(--fg); }
.legend .waiting::before { height: 0.35em; background: var(--rest); }
.legend .sounding::before { background: var(--accent); }
.legend .due::before { background: var(--soft); border: 1px solid var(--accent); }
.legend .dry::before {
  border: 1px solid var(--alert);
  background: repeating-linear-gradient(-45deg, var(--alert) 0 0.12em, transparent 0.12em 0.36em);
}
.legend .many::before { display: none; }
.plot { position: relative; border-radius: 0.4em; touch-action: pan-y; cursor: crosshair; }
.plot canvas { position: absolute; inset: 0; width: 100%; height: 100%; }
.now-line {
  position: absolute;
  left: 0;
  width: 1.5px;
  background: var(--accent);
  pointer-events: none;
}
.chunk-said {
  margin: 0.3em 0 0;
  min-height: 1.45em;
  font-variant-numeric: tabular-nums;
  overflow-wrap: anywhere;
}
@container (max-width: 520px) { .chunk-said { min-height: 4.35em; } }
@media (forced-colors: active) {
  .legend li::before { forced-color-adjust: none; }
}
`;
