import { describe, expect, it } from "vitest";
import { Random } from "../00-runtime/index.ts";
import { fromArray } from "../01-tensor/index.ts";
import { CharTokenizer } from "../10-tokenization/index.ts";
import "tensorgrad";
import { GPT, type GPTOptions } from "./index.ts";
import { pick, samplingOf } from "./sampling.ts";

const tokenizer = new CharTokenizer("abcdefgh");
const small = { vocabSize: 8, embedDim: 16, numLayers: 2, numHeads: 2, maxSeqLen: 6 } as const;
const made = (options: Partial<GPTOptions> = {}) => new GPT({ ...small, ...options, random: new Random(1) });
const model = made({ positions: "rotary" });
const seeded = (seed: number) => ({ random: new Random(seed) });

/** What the model itself finds likeliest after these ids. */
function likeliest(ids: readonly number[]): number {
  const window = ids.slice(-small.maxSeqLen);
  const logits = model.forward(fromArray(Int32Array.from(window), [1, window.length])); // [1, T, 8]
  return logits
    .select(1, window.length - 1)
    .argmax()
    .item();
}

describe("generate", () => {
  it("with temperature 0 takes what forward finds likeliest, also when the window slides", () => {
    const ids = [1, 2];
    while (ids.length < 12) ids.push(likeliest(ids));
    expect([...model.generate([1, 2], { maxLength: 10, temperature: 0 })]).toEqual(ids);
  });

  it("gives back a text for a text, and several for several", () => {
    const text = model.generate("ab", { tokenizer, maxLength: 3, temperature: 0 });
    expect(text).toMatch(/^ab[a-h]{3}$/);
    const both = model.generate(["ab", "c"], { tokenizer, maxLength: 3, temperature: 0 });
    expect(both.map(({ length }) => length)).toEqual([5, 4]);
    expect(model.generate([1], { maxLength: 0 })).toEqual(Int32Array.of(1));
  });

  it("continues prompts of unequal length in a batch as each by itself", () => {
    const prompts = [[1], [2, 3, 4], [5, 6], [0, 1, 2, 3, 4, 5, 6, 7, 1]];
    const greedy = { maxLength: 5, temperature: 0 };
    // Without sliding: rows that are longer than the window are read from the same place.
    const short = prompts.slice(0, 3).map((prompt) => ({ ...greedy, maxLength: 6 - prompt.length }));
    const alone = prompts.slice(0, 3).map((prompt, i) => model.generate(prompt, short[i]));
    const together = model.generate(prompts.slice(0, 3), { ...greedy, maxLength: 3 });
    for (const [i, row] of together.entries()) {
      const both = Math.min(row.length, alone[i].length);
      expect([...row].slice(0, both)).toEqual([...alone[i]].slice(0, both));
    }
    const slid = model.generate(prompts, greedy);
    for (const [i, row] of slid.entries()) expect([...row]).toEqual([...model.generate(prompts[i], greedy)]);
  });

  it("draws the same from the same seed, another from another", () => {
    const drawn = (seed: number) => [...model.generate([1], { maxLength: 20, ...seeded(seed) })];
    expect(drawn(3)).toEqual(drawn(3));
    expect(drawn(3)).not.toEqual(drawn(4));
  });

  it("tells of every new token at once, and of none of the prompt", () => {
    const told: [number, number][] = [];
    const onToken = (id: number, row: number) => void told.push([id, row]);
    const rows = model.generate([[1, 2, 3], [4]], { maxLength: 2, onToken, ...seeded(1) });
    expect(told.filter(([, row]) => row === 0).map(([id]) => id)).toEqual([...rows[0]].slice(3));
    expect(told.filter(([, row]) => row === 1).map(([id]) => id)).toEqual([...rows[1]].slice(1));
  });

  it("ends before a stop, which may be several tokens long, and may not stand in the prompt", () => {
    const whole = model.generate("ab", { tokenizer, maxLength: 12, ...seeded(5) });
    const stop = whole.slice(6, 8);
    const ended = model.generate("ab", { tokenizer, maxLength: 12, stop, ...seeded(5) });
    expect(ended).toBe(whole.slice(0, whole.indexOf(stop, 2)));
    expect(
      model.generate("ab", { tokenizer, maxLength: 4, stop: ["ab"], ...seeded(5) }).length,
    ).toBeGreaterThan(2);
  });

  it("leaves the model in the mode it was in, and drops nothing meanwhile", () => {
    const dropping = made({ dropout: 0.5 });
    const texts = [1, 2].map(() => dropping.generate([1], { maxLength: 5, temperature: 0 }));
    expect(texts[0]).toEqual(texts[1]);
    expect(dropping.training).toBe(true);
  });
});

describe("stream", () => {
  const prompts = [[1, 2, 3], [4]];
  const options = () => ({ maxLength: 4, ...seeded(2) });

  it("gives every token that onToken hears, and returns what generate returns", () => {
    const told: [number, number][] = [];
    const whole = model.generate(prompts, { ...options(), onToken: (id, row) => void told.push([id, row]) });
    const tokens = model.stream(prompts, options());
    for (const [id, row] of told) expect(tokens.next()).toEqual({ done: false, value: { id, row } });
    expect(tokens.next()).toEqual({ done: true, value: whole });
  });

  it("computes a token when it is asked for, and none after the reader has left", () => {
    let drawn = 0;
    const random = new Random(1);
    const counting = Object.assign(Object.create(random) as Random, {
      uniform: () => {
        drawn++;
        return random.uniform();
      },
    });
    const tokens = model.stream([1], { maxLength: 9, random: counting });
    expect(drawn).toBe(0);
    for (const _ of tokens) if (drawn === 2) break;
    expect(drawn).toBe(2);
  });

  it("leaves the model as it was between two tokens: another may train it", () => {
    const dropping = made({ dropout: 0.5 });
    for (const _ of dropping.stream([1], { maxLength: 3 })) expect(dropping.training).toBe(true);
  });

  it("refuses bad input when it is called, not when the first token is asked for", () => {
    expect(() => model.stream([])).toThrow("generate: prompt 0 is empty");
    expect(() => model.stream([1], { temperature: -1 })).toThrow("generate: temperature = -1");
  });
});

describe("pick", () => {
  const scores = [1, 3, 2, -Infinity].map((p) => Math.log(p)).map((x) => (Number.isNaN(x) ? -Infinity : x));
  const frequencies = (options: object, seen: number[] = []) => {
    const random = new Random(1);
    const counts = [0, 0, 0, 0];
    for (let i = 0; i < 6000; i++) counts[pick(scores, seen, samplingOf(options), random)]++;
    return counts.map((count) => Math.round(count / 100) / 10); // of 6
  };

  it("draws each token as often as its chance says: 1 : 3 : 2 : 0", () => {
    const [a, b, c, never] = frequencies({});
    expect([a, b, c].map(Math.round)).toEqual([1, 3, 2]);
    expect(never).toBe(0);
  });

  it("squares the chances at temperature ½: 1 : 9 : 4", () => {
    const [a, b, c] = frequencies({ temperature: 0.5 });
    expect(a).toBeCloseTo(6 / 14, 0);
    expect(b).toBeCloseTo(54 / 14, 0);
    expect(c).toBeCloseTo(24 / 14, 0);
  });

  it("keeps the k likeliest, those that together have the chance p, and those near the likeliest", () => {
    const only = (options: object) => frequencies(options).map((count) => count > 0);
    expect(only({ topK: 1 })).toEqual([false, true, false, false]);
    expect(only({ topK: 2 })).toEqual([false, true, true, false]);
    expect(only({ topP: 0.5 })).toEqual([false, true, false, false]);
    expect(only({ topP: 0.51 })).toEqual([false, true, true, false]);
    expect(only({ minP: 0.5 })).toEqual([false, true, true, false]);
    expect(only({ minP: 1 })).toEqual([false, true, false, false]);
  });

  it("makes what was seen less likely, whatever the sign of its score", () => {
    const random = new Random(1);
    const settings = samplingOf({ temperature: 0, repetitionPenalty: 2 });
    expect(pick([3, 2], [0], settings, random)).toBe(1);
    expect(pick([-2, -3], [0], settings, random)).toBe(1);
    expect(pick([3, 2], [], settings, random)).toBe(0);
  });

  it("takes ∞ for certain", () => {
    expect(pick([0, Infinity, 1], [], samplingOf({}), new Random(1))).toBe(1);
  });
});

describe("bad input", () => {
  it("is named: prompts that are none", () => {
    expect(() => model.generate([])).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: generate: prompt 0 is empty — the model continues what is there; begin with a token, such as a line break]`,
    );
    expect(() => model.generate("", { tokenizer })).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: generate: prompt 0 is empty — the model continues what is there; begin with a token, such as a line break]`,
    );
    expect(() => model.generate([[1], []])).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: generate: prompt 1 is empty — the model continues what is there; begin with a token, such as a line break]`,
    );
    expect(() => model.generate([1, 8])).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: generate: id 8 at position 1 of prompt 0 — ids are integers from 0 to 7]`,
    );
    expect(() => model.generate("ab")).toThrowErrorMatchingInlineSnapshot(
      `[TypeError: generate: a prompt of text without a tokenizer — pass { tokenizer }, or ids]`,
    );
  });

  it("is named: settings outside their range", () => {
    for (const temperature of [-1, NaN, Infinity])
      expect(() => model.generate([1], { temperature })).toThrow(`generate: temperature = ${temperature} — `);
    expect(() => model.generate([1], { temperature: -1 })).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: generate: temperature = -1 — a finite number above 0; 0 takes the likeliest token]`,
    );
    expect(() => model.generate([1], { topK: 0 })).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: generate: topK = 0 — an integer ≥ 1]`,
    );
    expect(() => model.generate([1], { topP: 0 })).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: generate: topP = 0 — a chance above 0, up to 1]`,
    );
    expect(() => model.generate([1], { minP: 2 })).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: generate: minP = 2 — a share from 0 to 1]`,
    );
    expect(() => model.generate([1], { repetitionPenalty: 0 })).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: generate: repetitionPenalty = 0 — a finite number above 0; 1 for none]`,
    );
    expect(() => model.generate([1], { maxLength: -1 })).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: generate: maxLength = -1 — the number of new tokens is an integer ≥ 0]`,
    );
    expect(() => model.generate([1], { stop: "a" })).toThrowErrorMatchingInlineSnapshot(
      `[TypeError: generate: stop without a tokenizer — pass { tokenizer }]`,
    );
    expect(() => model.generate("a", { tokenizer, stop: "" })).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: generate: stop "" — every text contains it; leave it out]`,
    );
  });

  it("is named: scores that are NaN", () => {
    const broken = made();
    broken.norm.weight?.assign(new Float32Array(16).fill(NaN));
    expect(() => broken.generate([1])).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: generate: the score of id 0 is NaN — no token can be drawn; look at the weights: has training diverged?]`,
    );
  });
});
