/** What the page and the worker behind it say to each other. */

/** What a model is asked to write. */
export interface Wish {
  readonly prompt: string;
  /** How many characters. */
  readonly length: number;
  /** 0 takes the likeliest character each time. */
  readonly temperature: number;
  /** Only so many of the likeliest; null takes all. */
  readonly topK: number | null;
  readonly seed: number;
}

/** To the worker. */
export type Question =
  | { readonly kind: "open"; readonly model: EmbeddedModel }
  | { readonly kind: "write"; readonly wish: Wish }
  | { readonly kind: "stop" }
  /** Where the last character of a text looks. */
  | { readonly kind: "look"; readonly text: string };

/** From the worker. */
export type Answer =
  | { readonly kind: "ready" }
  | { readonly kind: "piece"; readonly text: string }
  | { readonly kind: "end"; readonly stopped: boolean; readonly seconds: number }
  /** By layer, by head: a weight for each of the last characters of the text. */
  | { readonly kind: "seen"; readonly text: string; readonly weights: readonly (readonly number[][])[] }
  | { readonly kind: "failed"; readonly message: string };

/** All that the page holds of a model. */
export interface EmbeddedModel {
  /** Of `GPT`; written as JSON, so without what JSON has no word for. */
  readonly options: Readonly<Record<string, unknown>>;
  readonly alphabet: string;
  /** A safetensors file in base64. */
  readonly weights: string;
}

/** What is wrong with a prompt, in words; null if nothing. */
export function faultOf(prompt: string, alphabet: string): string | null {
  if (prompt === "") return "The prompt is empty: the model continues what is there. A line break is enough.";
  const known = new Set(alphabet);
  const characters = [...prompt];
  const place = characters.findIndex((one) => !known.has(one));
  if (place < 0) return null;
  const character = characters[place];
  const code = character.codePointAt(0)?.toString(16).toUpperCase().padStart(4, "0");
  return (
    `Character ${place + 1} of the prompt is “${character}” (U+${code}), which the model has never seen. ` +
    `It knows letters without accents, spaces, line breaks and ${[...alphabet].filter((one) => !/[a-z\s]/i.test(one)).join(" ")}`
  );
}
