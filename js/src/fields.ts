/** Reading an object of which nothing is known: what is not as it should be is refused in words. */

/** What was read cannot be used; the message says why. */
export class Refused extends Error {}

/** A value as text, cut short. */
export function show(value: unknown): string {
  const text = JSON.stringify(value) ?? String(value);
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
}

/** The fields of one object, each read with the type it must have. */
export class Fields {
  readonly #of: Readonly<Record<string, unknown>>;

  constructor(value: unknown) {
    if (typeof value !== "object" || value === null || Array.isArray(value)) {
      throw new Refused(`not an object: ${show(value)}`);
    }
    this.#of = value as Readonly<Record<string, unknown>>;
  }

  raw(name: string): unknown {
    return this.#of[name];
  }

  text(name: string): string {
    const value = this.#of[name];
    if (typeof value !== "string") throw this.#wrong(name, "text");
    return value;
  }

  textOrNull(name: string): string | null {
    return this.#of[name] == null ? null : this.text(name);
  }

  id(name: string): string {
    const value = this.text(name);
    if (value === "") throw this.#wrong(name, "a take's id");
    return value;
  }

  flag(name: string): boolean {
    const value = this.#of[name];
    if (typeof value !== "boolean") throw this.#wrong(name, "true or false");
    return value;
  }

  number(name: string): number {
    const value = this.#of[name];
    if (typeof value !== "number" || !Number.isFinite(value)) throw this.#wrong(name, "a number");
    return value;
  }

  numberOrNull(name: string): number | null {
    return this.#of[name] == null ? null : this.number(name);
  }

  whole(name: string, most: number, least = 0): number {
    const value = this.number(name);
    if (!Number.isInteger(value) || value < least || value > most) {
      throw this.#wrong(name, `a whole number from ${least} to ${most}`);
    }
    return value;
  }

  list(name: string): readonly unknown[] {
    const value = this.#of[name];
    if (!Array.isArray(value)) throw this.#wrong(name, "a list");
    return value;
  }

  /** What an object holds, by name; nothing where there is none. */
  entries(name: string): readonly (readonly [string, unknown])[] {
    const value = this.#of[name];
    if (value == null) return [];
    if (typeof value !== "object" || Array.isArray(value)) throw this.#wrong(name, "an object");
    return Object.entries(value);
  }

  oneOf<const T extends string>(name: string, allowed: readonly T[]): T {
    const value = this.#of[name];
    const found = allowed.find((one) => one === value);
    if (found === undefined) throw this.#wrong(name, `one of ${allowed.join(", ")}`);
    return found;
  }

  #wrong(name: string, wanted: string): Refused {
    return new Refused(`${name} is ${show(this.#of[name])}, not ${wanted}`);
  }
}
