import type { Tokenizer } from "../../10-tokenization/index.ts";

const REPLACEMENT = "\uFFFD"; // what a decoder writes for bytes that are no character, or not yet one

/**
 * Turns ids that come one by one into pieces of text that can be sent, and ends where a stop string would stand.
 *
 * A character may come in several tokens, and a stop string, too. What may be the beginning of one is held back.
 */
export class TextPieces {
  readonly #tokenizer: Tokenizer;
  readonly #stops: readonly string[];
  /** Ids whose last character is not complete. */
  #pending: number[] = [];
  /** Text that may be the beginning of a stop string. */
  #held = "";
  #stopped = false;

  constructor(tokenizer: Tokenizer, stops: readonly string[]) {
    [this.#tokenizer, this.#stops] = [tokenizer, stops];
  }

  /** Whether a stop string was met: it and what follows it are not part of the text. */
  get stopped(): boolean {
    return this.#stopped;
  }

  /** The text that is certain with one more id. */
  push(id: number): string {
    this.#pending.push(id);
    return this.#released(this.#complete());
  }

  /** What was held back, at the end. */
  finish(): string {
    const rest = this.#released(this.#tokenizer.decode(this.#pending.splice(0)));
    const held = this.#stopped ? "" : this.#held;
    this.#held = "";
    return rest + held;
  }

  /** The text of all ids but those of a character that is not complete: at most three bytes, so at most three ids. */
  #complete(): string {
    const whole = this.#tokenizer.decode(this.#pending);
    if (!whole.endsWith(REPLACEMENT)) {
      this.#pending = [];
      return whole;
    }
    for (let cut = this.#pending.length - 1; cut >= Math.max(1, this.#pending.length - 3); cut--) {
      const [first, last] = [this.#pending.slice(0, cut), this.#pending.slice(cut)];
      const text = this.#tokenizer.decode(first);
      if (text + this.#tokenizer.decode(last) !== whole) continue; // the cut goes through a character
      this.#pending = last;
      return text;
    }
    return "";
  }

  #released(text: string): string {
    if (this.#stopped) return "";
    this.#held += text;
    const place = firstOf(this.#held, this.#stops);
    if (place >= 0) this.#stopped = true;
    const end = place >= 0 ? place : this.#held.length - longestBeginning(this.#held, this.#stops);
    const sent = this.#held.slice(0, end);
    this.#held = this.#held.slice(end);
    return sent;
  }
}

function firstOf(text: string, stops: readonly string[]): number {
  const places = stops.map((stop) => text.indexOf(stop)).filter((at) => at >= 0);
  return places.length ? Math.min(...places) : -1;
}

/** How many characters at the end of a text are the beginning of a stop string. */
function longestBeginning(text: string, stops: readonly string[]): number {
  let most = 0;
  for (const stop of stops)
    for (let n = Math.min(stop.length - 1, text.length); n > most; n--)
      if (text.endsWith(stop.slice(0, n))) most = n;
  return most;
}
