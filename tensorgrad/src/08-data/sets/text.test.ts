import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { temporaryFolders } from "../../../tests/08-data/mnist.fixture.ts";
import { Random } from "../../00-runtime/index.ts";
import { DataLoader } from "../loading/loader.ts";
import { TinyShakespeare } from "./shakespeare.ts";
import { syntheticText } from "./synthetic-text.ts";
import { TextDataset } from "./text.ts";

describe("TextDataset", () => {
  it("gives windows, and the same one token later", () => {
    const data = new TextDataset([10, 11, 12, 13, 14], 3);
    const { x, y } = data.batch([1, 0]);
    expect(x.toArray()).toEqual([
      [11, 12, 13],
      [10, 11, 12],
    ]);
    expect(y.toArray()).toEqual([
      [12, 13, 14],
      [11, 12, 13],
    ]);
    expect([data.length, x.dtype, data.get(1).x.toArray()]).toEqual([2, "int32", [11, 12, 13]]);
  });

  it("asks for every token but the first exactly once with stride = blockSize, as far as whole windows go", () => {
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 60 }), fc.integer({ min: 1, max: 9 }), (length, blockSize) => {
        fc.pre(length > blockSize);
        const tokens = Int32Array.from({ length }, (_, i) => i);
        const data = new TextDataset(tokens, blockSize, { stride: blockSize });
        const asked = Array.from(new DataLoader(data, { batchSize: 3 }), ({ y }) => [...y.data]).flat();
        expect(asked).toEqual([...tokens.subarray(1, 1 + asked.length)]);
        expect(length - 1 - asked.length).toBeLessThan(blockSize);
      }),
      { seed: 1 },
    );
  });

  it("refuses tokens that are no integers", () => {
    expect(() => new TextDataset([1, 2.5, 3], 1)).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: TextDataset: token 2.5 at position 1 — tokens are integers of 32 bits, such as a tokenizer gives]`,
    );
    for (const token of [NaN, 1e10, -Infinity]) {
      expect(() => new TextDataset([1, token, 3], 1)).toThrowError(`token ${token} at position 1`);
    }
  });

  it("refuses windows that do not fit, and sizes that are none", () => {
    expect(() => new TextDataset([1, 2, 3], 3)).toThrowErrorMatchingInlineSnapshot(
      `[ShapeError: TextDataset: 3 tokens, blockSize 3 — a window takes 4 tokens, the one to predict last included; lower blockSize or take more text]`,
    );
    expect(() => new TextDataset([1, 2, 3], 0)).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: TextDataset: blockSize 0, stride 1 — both are integers ≥ 1]`,
    );
    expect(() => new TextDataset([1, 2, 3], 1, { stride: 0.5 })).toThrowError(RangeError);
    expect(() => new TextDataset([1, 2, 3], 1).get(2)).toThrowError(/index 2 — indices go from 0 to 1/);
  });
});

describe("syntheticText", () => {
  it("writes scenes of the length asked for, the same for the same seed", () => {
    const write = (seed: number): string => syntheticText({ length: 5000, random: new Random(seed) }).text;
    expect(write(1)).toHaveLength(5000);
    expect(write(1)).toBe(write(1));
    expect(write(1)).not.toBe(write(2));
    expect(write(1)).toMatch(/^[A-Z ]+:\n[A-Z][a-z ,;]+[.!?]\n/);
    expect(syntheticText({ length: 0 }).text).toBe("");
    expect(() => syntheticText({ length: -1 })).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: syntheticText: length -1 — the number of characters is an integer ≥ 0]`,
    );
  });
});

const { put, message, options } = temporaryFolders();

describe("TinyShakespeare.load", () => {
  it("refuses another text, and bytes that are none", async () => {
    put("data/tinyshakespeare/input.txt", new TextEncoder().encode("To be"));
    expect((await TinyShakespeare.load(options)).text).toBe("To be");
    expect(await message(TinyShakespeare.load({ ...options, verify: true }))).toMatchInlineSnapshot(
      `"FormatError: TinyShakespeare: ~/data/tinyshakespeare/input.txt has content with SHA-256 1bd754493b2d… — expected 86c4e6aa9db7…; replace it, or pass { verify: false } if it is meant to differ"`,
    );
    put("data/tinyshakespeare/input.txt", Uint8Array.of(0xff, 0xfe));
    expect(await message(TinyShakespeare.load(options))).toMatchInlineSnapshot(
      `"FormatError: TinyShakespeare: ~/data/tinyshakespeare/input.txt is no text in UTF-8 — replace it"`,
    );
  });

  it("says where it looked", async () => {
    expect(await message(TinyShakespeare.load(options))).toMatchInlineSnapshot(
      `"DataNotFoundError: TinyShakespeare: input.txt is nowhere to be found (looked in ~/data (TENSORGRAD_DATA), ~/cache/tinyshakespeare) — set TENSORGRAD_DATA to a folder that holds tinyshakespeare/input.txt, or use syntheticText, which needs no files"`,
    );
  });
});
