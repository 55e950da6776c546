import type { Outputs } from "../output/outputs";
import type { Rendition } from "../rendition";
export function showTake(
  rendition: Rendition,
  _outputs: Outputs,
  el: HTMLElement,
  signal: AbortSignal,
): void {
  const line = document.createElement("div");
  const button = document.createElement("button");
  button.textContent = "Play";
  button.onclick = () => (rendition.playback.active ? rendition.pause() : rendition.play());
  el.append(button, line);
  const draw = () => {
    line.textContent = `${rendition.playback.phase} ${rendition.playback.position.toFixed(2)} / ${rendition.take.seconds.toFixed(2)} ${rendition.take.state}`;
  };
  draw();
  rendition.take.onChange(draw, signal);
  signal.addEventListener("abort", () => el.replaceChildren());
}
