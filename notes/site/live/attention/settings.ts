import { faultOf } from "../../../../examples/lib/gpt-page/messages.ts";
import { type UrlState, urlState } from "../lib/url-state.ts";

/** What is said before the model is there. */
export const SMALL = "3.2 MB, and 0.3 MB of counts";

const DEFAULTS = {
  prompt: "ROMEO:\nWhat say you to the ",
  /** The chosen character; −1 is the last. */
  at: -1,
  layer: 1,
  head: 1,
  lifted: false,
  temperature: 0.8,
  /** 0 takes all. */
  top: 0,
  order: 3,
  length: 100,
  seed: 1,
  cache: true,
};

type Values = {
  readonly [K in keyof typeof DEFAULTS]: (typeof DEFAULTS)[K];
};

export type State = UrlState<Values>;

export const state = (): State => urlState<Values>(DEFAULTS);

/** More would be written by nobody into a page, and read by no model of this window. */
const LONGEST = 2000;

export function faultOfPrompt(prompt: string, alphabet: string | null): string | null {
  if (prompt.length > LONGEST)
    return `The text has ${prompt.length} characters: at most ${LONGEST} are read.`;
  return alphabet === null ? null : faultOf(prompt, alphabet);
}
