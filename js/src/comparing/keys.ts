/** What a key does among takes that are compared. Pure. */

type Key = Pick<KeyboardEvent, "key" | "ctrlKey" | "metaKey" | "altKey">;

export type Act =
  | { readonly act: "hear"; readonly index: number }
  | { readonly act: "choose"; readonly choice: string }
  | { readonly act: "by"; readonly seconds: number }
  | { readonly act: "toggle" | "start" | "end" | "confirm" | "mute" };

/** `stimuli`: how many there are; `choices`: what may be answered, by its first letter. */
export function actFor(event: Key, stimuli: number, choices: readonly string[]): Act | null {
  if (event.ctrlKey || event.metaKey || event.altKey) return null;
  const number = /^[1-9]$/.test(event.key) ? Number(event.key) : 0;
  if (number > 0) return number <= stimuli ? { act: "hear", index: number - 1 } : null;
  switch (event.key) {
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
  const letter = event.key.toLowerCase();
  const choice = choices.find((one) => one.toLowerCase() === letter);
  if (choice !== undefined) return { act: "choose", choice };
  return letter === "m" ? { act: "mute" } : null;
}
