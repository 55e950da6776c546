/** What a key does among takes that are compared. Pure. */

type Key = Pick<KeyboardEvent, "key" | "ctrlKey" | "metaKey" | "altKey"> &
  Partial<Pick<KeyboardEvent, "shiftKey" | "repeat" | "isComposing">>;

export type Act =
  | { readonly act: "hear"; readonly index: number }
  | { readonly act: "choose"; readonly choice: string }
  | { readonly act: "by"; readonly seconds: number }
  | { readonly act: "toggle" | "start" | "end" | "confirm" | "mute" | "nothing" };

/** Where the focus is: `chosen` is the button of the answer that is chosen already. */
export type Focus = "card" | "button" | "chosen" | "volume";

const NOTHING: Act = { act: "nothing" };
const SLIDES = new Set(["ArrowLeft", "ArrowRight", "Home", "End"]);

/**
 * `stimuli`: how many there are; `choices`: what may be answered, a letter each. Null: it is left to
 * the browser.
 */
export function actFor(
  event: Key,
  stimuli: number,
  choices: readonly string[],
  focus: Focus = "card",
): Act | null {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return null;
  // Shift+Enter runs a cell, and is pressed by habit.
  if (event.key === "Enter" && event.shiftKey) return NOTHING;
  if (focus === "volume" && SLIDES.has(event.key)) return null;
  if (focus === "button" || focus === "chosen") {
    if (event.key === " ") return null;
    // Held down, a button would be pressed again and again.
    if (event.key === "Enter" && event.repeat) return NOTHING;
    if (event.key === "Enter" && focus === "button") return null;
  }
  const act = meant(event.key, stimuli, choices);
  // A key that is held acts once; an answer that was confirmed so is not the next one's.
  return event.repeat && act !== null && act.act !== "by" ? NOTHING : act;
}

function meant(key: string, stimuli: number, choices: readonly string[]): Act | null {
  const number = /^[1-9]$/.test(key) ? Number(key) : 0;
  if (number > 0) return number <= stimuli ? { act: "hear", index: number - 1 } : null;
  switch (key) {
    case " ":
      return { act: "toggle" };
    case "ArrowLeft":
      return { act: "by", seconds: -1 };
    case "ArrowRight":
      return { act: "by", seconds: 1 };
    case "Home":
      return { act: "start" };
    case "End":
      return { act: "end" };
    case "Enter":
      return choices.length > 0 ? { act: "confirm" } : null;
  }
  const letter = key.toLowerCase();
  const choice = choices.find((one) => one.toLowerCase() === letter);
  if (choice !== undefined) return { act: "choose", choice };
  return letter === "m" ? { act: "mute" } : null;
}
