import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, describe, expect, it } from "vitest";
import { FormatError } from "../../src/00-runtime/index.ts";
import { BPETokenizer } from "../../src/10-tokenization/bpe.ts";
import { loadTokenizer, saveTokenizer } from "../../src/10-tokenization/node.ts";

const own = BPETokenizer.train("the cat sat on the mat. ".repeat(3), { specialTokens: ["<|endoftext|>"] });
const text = own.save();
type File = Record<string, Record<string, unknown>> & {
  model: { vocab: Record<string, number>; merges: unknown[] };
};

/** The message for a file in which something was changed. */
function refusal(change: (file: File) => unknown): string {
  const file = JSON.parse(text) as File;
  change(file);
  try {
    BPETokenizer.load(JSON.stringify(file));
  } catch (error) {
    expect(error).toBeInstanceOf(FormatError);
    return String(error);
  }
  return "loaded";
}

describe("BPETokenizer.load", () => {
  it("reads what save wrote, merges in either form, and a file without a name for its model", () => {
    expect(BPETokenizer.load(text).save()).toBe(text);
    expect(
      refusal(({ model }) => {
        model.merges = model.merges.map((parts) => (parts as string[]).join(" "));
        delete (model as { type?: unknown }).type;
      }),
    ).toBe("loaded");
  });

  it("refuses what is damaged", () => {
    expect(() => BPETokenizer.load(text.slice(0, 500))).toThrowErrorMatchingInlineSnapshot(
      `[FormatError: BPETokenizer.load: no JSON (500 characters) — the file is damaged or another one]`,
    );
    expect(() => BPETokenizer.load("[]")).toThrowErrorMatchingInlineSnapshot(
      `[FormatError: BPETokenizer.load: [] — a JSON object was expected]`,
    );
    expect(() => BPETokenizer.load("{}")).toThrowErrorMatchingInlineSnapshot(
      `[FormatError: BPETokenizer.load: model is undefined — an object was expected; this is no tokenizer.json]`,
    );
    expect(refusal(({ model }) => delete model.vocab["!"])).toMatchInlineSnapshot(
      `"FormatError: BPETokenizer.load: no token is the byte 0x21 — all 256 are needed, so that every text has ids"`,
    );
    expect(refusal(({ model }) => delete model.vocab.Ġthe)).toMatchInlineSnapshot(
      `"FormatError: BPETokenizer.load: model.merges[3], ["Ġ","the"]: "Ġthe" is not in the vocabulary — both parts and their sum are tokens"`,
    );
    expect(refusal(({ model }) => (model.vocab.Ġthe = 3))).toMatchInlineSnapshot(
      `"FormatError: BPETokenizer.load: model.vocab: "ă" and "Ġthe" both have id 3 — each token has its own"`,
    );
    expect(refusal(({ model }) => (model.vocab.Ġthe = -1))).toMatchInlineSnapshot(
      `"FormatError: BPETokenizer.load: model.vocab: token "Ġthe" has id -1 — ids are integers from 0 to 4194303"`,
    );
    expect(refusal(({ model }) => (model.vocab.Ġthe = 1e10))).toContain("ids are integers from 0 to");
    expect(refusal(({ model }) => (model.merges[2] = "t h e"))).toMatchInlineSnapshot(
      `"FormatError: BPETokenizer.load: model.merges[2] is "t h e" — a merge is two tokens, such as "Ġ t""`,
    );
    expect(refusal(({ model }) => (model.merges[2] = 7))).toContain("model.merges[2] is 7");
    expect(refusal(({ model }) => (model.merges = {} as never))).toMatchInlineSnapshot(
      `"FormatError: BPETokenizer.load: model.vocab is {"0":48,"1":49,"2":50,"3":51,"4":52,"5":53,"6":54,"7":55}, model.merges {} — an object and a list"`,
    );
  });

  it("refuses a tokenizer of another kind, and names the field", () => {
    expect(refusal(({ model }) => Object.assign(model, { type: "WordPiece" }))).toMatchInlineSnapshot(
      `"FormatError: BPETokenizer.load: model.type is "WordPiece" — only "BPE" is read here, byte-level BPE as GPT-2's"`,
    );
    expect(refusal(({ model }) => Object.assign(model, { byte_fallback: true }))).toMatchInlineSnapshot(
      `"FormatError: BPETokenizer.load: model.byte_fallback is true — only false is read here, byte-level BPE as GPT-2's"`,
    );
    expect(refusal(({ model }) => Object.assign(model, { end_of_word_suffix: "</w>" }))).toContain(
      "end_of_word_suffix",
    );
    expect(refusal((file) => (file.normalizer = { type: "NFC" }))).toMatchInlineSnapshot(
      `"FormatError: BPETokenizer.load: normalizer is {"type":"NFC"} — what is read here is null: a text is encoded as it is"`,
    );
    expect(refusal((file) => (file.pre_tokenizer = { type: "Metaspace" }))).toMatchInlineSnapshot(
      `"FormatError: BPETokenizer.load: pre_tokenizer is {"type":"Metaspace"} — what is read here is GPT-2's words: {"type":"ByteLevel","add_prefix_space":false,"trim_offsets":true,"use_regex":true}"`,
    );
    expect(refusal((file) => (file.pre_tokenizer.add_prefix_space = true))).toContain(
      '"add_prefix_space":true',
    );
    expect(
      refusal((file) => (file.post_processor = { type: "TemplateProcessing", single: [] })),
    ).toMatchInlineSnapshot(
      `"FormatError: BPETokenizer.load: post_processor is {"type":"TemplateProcessing","single":"…"} — what is read here is null: nothing is added to the ids"`,
    );
    expect(refusal((file) => (file.decoder = { type: "WordPiece" }))).toContain("decoder is");
    expect(refusal(({ model }) => (model.vocab["▁the"] = 999))).toMatchInlineSnapshot(
      `"FormatError: BPETokenizer.load: model.vocab: token "▁the" (id 999) — tokens are spelled in GPT-2's characters for bytes, such as "Ġthe"; this is no byte-level vocabulary"`,
    );
  });

  it("refuses added tokens that contradict the vocabulary", () => {
    const added = (...tokens: unknown[]) => refusal((file) => Object.assign(file, { added_tokens: tokens }));
    expect(added({ id: 5, content: "<|endoftext|>" })).toMatchInlineSnapshot(
      `"FormatError: BPETokenizer.load: added_tokens[0] gives "<|endoftext|>" the id 5 — one id, one text, in model.vocab and added_tokens alike"`,
    );
    expect(added({ id: 900, content: "Ġthe" })).toContain('gives "Ġthe" the id 900');
    expect(added({ id: 260, content: "Ġthe" })).toMatchInlineSnapshot(
      `"FormatError: BPETokenizer.load: added_tokens[0] gives "Ġthe" the id 260 — one id, one text, in model.vocab and added_tokens alike"`,
    );
    expect(added({ id: 900, content: "<a>" }, { id: 900, content: "<b>" })).toContain("added_tokens[1]");
    expect(added({ id: 900, content: "<mask>", lstrip: true })).toMatchInlineSnapshot(
      `"FormatError: BPETokenizer.load: added_tokens[0].lstrip is true — a special token is found whatever stands beside it"`,
    );
    expect(added("<mask>")).toMatchInlineSnapshot(
      `"FormatError: BPETokenizer.load: added_tokens[0] is "<mask>" — an object with content and id"`,
    );
    expect(added({ id: 900, content: "" })).toContain("added_tokens[0] is");
  });

  it("refuses any damage with a FormatError, or reads a tokenizer that gives every text back", () => {
    const paths = fc.tuple(fc.nat(), fc.nat(), fc.jsonValue());
    const file = JSON.parse(text) as Record<string, unknown>;
    const change = (value: unknown, [at, then, put]: [number, number, unknown], depth = 0): unknown => {
      if (typeof value !== "object" || value === null || Object.keys(value).length === 0) return put;
      const keys = Object.keys(value);
      const key = keys[(depth % 2 === 0 ? at : then) % keys.length];
      const inner = (value as Record<string, unknown>)[key];
      const changed = Array.isArray(value) ? [...value] : { ...value };
      return Object.assign(changed, { [key]: depth > 2 ? put : change(inner, [at, then, put], depth + 1) });
    };
    fc.assert(
      fc.property(paths, (path) => {
        let loaded: BPETokenizer;
        try {
          loaded = BPETokenizer.load(JSON.stringify(change(file, path)));
        } catch (error) {
          expect(error).toBeInstanceOf(FormatError);
          return;
        }
        expect(loaded.decode(loaded.encode("the cat 😀\n"))).toBe("the cat 😀\n");
      }),
      { numRuns: 300 },
    );
  });
});

describe("BPETokenizer.fromVocab", () => {
  it("takes tokens of several bytes that no merge makes for special ones", () => {
    const { model } = JSON.parse(text) as File;
    const vocab = JSON.stringify({ ...model.vocab, "<|endoftext|>": 900 });
    const merges = `#version: 0.2\r\n${model.merges.map((parts) => (parts as string[]).join(" ")).join("\r\n")}\r\n`;
    const read = BPETokenizer.fromVocab(vocab, merges);
    expect([...read.specialTokens, read.vocabSize]).toEqual([["<|endoftext|>", 900], 901]);
    expect(read.encode("the cat sat")).toEqual(own.encode("the cat sat"));
    expect(() => read.decode([901])).toThrowError(/from 0 to 900/);
    expect(() => read.decode([899])).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: BPETokenizer.decode: id 899 at position 0 — no token has this id]`,
    );
    expect(() => BPETokenizer.fromVocab(vocab, "Ġ t h")).toThrowErrorMatchingInlineSnapshot(
      `[FormatError: BPETokenizer.fromVocab: merges.txt, merge 0 is "Ġ t h" — a merge is two tokens, such as "Ġ t"]`,
    );
    expect(() => BPETokenizer.fromVocab("[1]", merges)).toThrowErrorMatchingInlineSnapshot(
      `[FormatError: BPETokenizer.fromVocab: vocab.json: [1] — a JSON object was expected]`,
    );
    expect(() => BPETokenizer.fromVocab('{"a": 1}', "")).toThrowErrorMatchingInlineSnapshot(
      `[FormatError: BPETokenizer.fromVocab: no token is the byte 0x00 — all 256 are needed, so that every text has ids]`,
    );
  });
});

describe("loadTokenizer", () => {
  const folder = mkdtempSync(join(tmpdir(), "tokenizer-"));
  afterAll(() => rmSync(folder, { recursive: true }));
  const refused = (path: string): Promise<string> =>
    loadTokenizer(path).then(String, (error) =>
      String(error).replaceAll(JSON.stringify(folder).slice(1, -1), "~"),
    );

  it("reads a file, or the folder of a model", async () => {
    expect(await refused(folder)).toMatchInlineSnapshot(
      `"FormatError: loadTokenizer("~"): the folder has no tokenizer.json, nor both of vocab.json and merges.txt — expected a tokenizer.json, or the folder of a model"`,
    );
    expect(await refused(join(folder, "none.json"))).toMatchInlineSnapshot(
      `"FormatError: loadTokenizer("~/none.json"): nothing is there — expected a tokenizer.json, or the folder of a model"`,
    );
    const { model } = JSON.parse(text) as File;
    writeFileSync(join(folder, "vocab.json"), JSON.stringify(model.vocab));
    expect(await refused(folder)).toContain("nor both of");
    writeFileSync(
      join(folder, "merges.txt"),
      model.merges.map((parts) => (parts as string[]).join(" ")).join("\n"),
    );
    expect((await loadTokenizer(folder)).encode("the cat")).toEqual(own.encode("the cat"));
    await saveTokenizer(join(folder, "tokenizer.json"), own);
    expect((await loadTokenizer(folder)).save()).toBe(text);
    expect((await loadTokenizer(join(folder, "tokenizer.json"))).save()).toBe(text);
    writeFileSync(join(folder, "tokenizer.json"), text.slice(0, 100));
    expect(await refused(folder)).toMatchInlineSnapshot(
      `"FormatError: loadTokenizer("~"): tokenizer.json: no JSON (100 characters) — the file is damaged or another one"`,
    );
  });
});
