/** How what shares the time axis looks: wave, arrivals, spectrogram, labels, ruler, loop, readout. */

export const AXIS_STYLES = `
.top {
  display: grid;
  grid-template-columns: var(--left) minmax(0, 1fr);
  column-gap: var(--between);
}
.left { display: flex; flex-direction: column; }
.left .play { margin: calc((var(--wave) - var(--left)) / 2) 0; flex: none; }
.axis {
  position: relative;
  direction: ltr;
  min-width: 0;
  align-self: start;
}
.axis canvas { display: block; width: 100%; }
.seek {
  position: absolute;
  inset: 0;
  border-radius: 8px;
  cursor: pointer;
  touch-action: pan-y;
}
.seek[aria-disabled="true"] { cursor: default; }
.pictures { position: relative; }
.wave { position: relative; height: var(--wave); overflow: hidden; }
.wave canvas { position: absolute; inset: 0; height: 100%; }
.heard { position: absolute; inset: 0; overflow: hidden; }
.track { height: var(--wave); position: relative; }
.track::before, .track::after {
  content: "";
  position: absolute;
  left: 0;
  top: calc(50% - 3px);
  height: 6px;
  width: 100%;
  border-radius: 3px;
  background: var(--rest);
}
.track::after { width: var(--heard, 0); background: var(--accent); }
.arrivals { height: 10px; margin: 4px 0; }
.spectrogram { height: var(--picture); border-radius: 6px; }
.wave + .track + .arrivals[hidden] + .spectrogram { margin-top: 8px; }
.lane {
  position: relative;
  height: 20px;
  overflow: hidden;
  contain: strict;
  font-size: 11.5px;
  line-height: 20px;
  color: var(--muted);
}
.lane.sounds { height: 17px; font-size: 10.5px; line-height: 17px; }
.tag { position: absolute; left: 0; top: 0; white-space: pre; }
.tag.now { color: var(--accent); background: var(--soft); border-radius: 4px; box-shadow: 0 0 0 2px var(--soft); line-height: 16px; top: 2px; }
.lane.sounds .tag.now { line-height: 13px; }
.ruler { height: 20px; margin-top: 3px; font-size: 10.5px; }
.playhead {
  position: absolute;
  left: -1px;
  top: 0;
  bottom: 0;
  width: 2px;
  border-radius: 1px;
  background: var(--accent);
  box-shadow: 0 0 0 1px color-mix(in srgb, var(--bg) 75%, transparent);
  pointer-events: none;
}
.pictures:not([data-tall]) .playhead {
  left: -7px;
  top: calc(50% - 7px);
  bottom: auto;
  width: 14px;
  height: 14px;
  border-radius: 50%;
}
.pictures:not([data-tall]) .cross { display: none; }
.cross {
  position: absolute;
  left: 0;
  top: 0;
  bottom: 0;
  width: 1px;
  background: color-mix(in srgb, var(--muted) 60%, transparent);
  pointer-events: none;
}
.region {
  position: absolute;
  top: 0;
  bottom: 20px;
  background: var(--soft);
  pointer-events: none;
  box-shadow: inset 1px 0 var(--accent), inset -1px 0 var(--accent);
}
.handle {
  position: absolute;
  top: 0;
  bottom: 0;
  width: 24px;
  margin: 0 -12px;
  pointer-events: auto;
  cursor: ew-resize;
  touch-action: none;
  border-radius: 6px;
}
.handle.from { left: 0; }
.handle.to { right: 0; }
.handle::before {
  content: "";
  position: absolute;
  left: 8px;
  top: calc(50% - 14px);
  width: 8px;
  height: 28px;
  border-radius: 4px;
  background: var(--accent);
  box-shadow: 0 0 0 2px var(--bg);
}
.ask {
  position: absolute;
  left: 50%;
  top: calc(var(--wave) / 2);
  transform: translate(-50%, -50%);
  padding: 8px 18px;
  border-radius: 999px;
  font-weight: 600;
  white-space: nowrap;
  color: var(--on-accent);
  background: var(--accent);
  box-shadow: 0 0 0 6px var(--bg);
}
.latency { margin: 8px -6px -4px; }
.side { display: flex; flex-direction: column; align-items: flex-end; }
.frequencies {
  position: relative;
  width: 100%;
  height: var(--picture);
  margin-top: 18px;
  font-size: 10.5px;
  line-height: 1;
  color: var(--muted);
  font-variant-numeric: tabular-nums;
}
[data-show]:not([data-show~="latency"]) .frequencies { margin-top: 8px; }
[data-show]:not([data-show~="latency"]):not([data-show~="wave"]) .frequencies { margin-top: 0; }
.hertz { position: absolute; right: -4px; transform: translateY(-50%); white-space: nowrap; padding-right: 7px; }
.hertz::after { content: ""; position: absolute; right: 0; top: 50%; width: 4px; height: 1px; background: var(--bar); }
.scale {
  margin: 9px 0 0;
  min-width: 24px;
  height: 24px;
  padding: 0 7px;
  border: 1px solid var(--line);
  border-radius: 7px;
  font-size: 11px;
  line-height: 1;
  color: var(--muted);
}
.scale:hover { background: var(--hover); color: var(--fg); }
.times {
  grid-column: 2;
  display: flex;
  flex-wrap: wrap;
  justify-content: space-between;
  align-items: center;
  gap: 0 16px;
  margin-top: 2px;
  min-height: 20px;
  font-size: 12px;
  color: var(--muted);
  font-variant-numeric: tabular-nums;
}
.elapsed { color: var(--fg); }
.length:not(:empty)::before { content: " / "; }
.key { display: flex; align-items: center; gap: 7px; font-size: 10.5px; }
.strip { width: 72px; height: 8px; border-radius: 4px; box-shadow: 0 0 0 1px var(--line); }
.readout {
  position: absolute;
  left: 0;
  top: 0;
  z-index: 1;
  max-width: 100%;
  padding: 3px 8px;
  border-radius: 7px;
  font-size: 12px;
  line-height: 1.4;
  white-space: nowrap;
  color: var(--bg);
  background: var(--fg);
  font-variant-numeric: tabular-nums;
  pointer-events: none;
}
@container (max-width: 420px) {
  .strip { width: 44px; }
  .lane { font-size: 11px; }
}
`;
