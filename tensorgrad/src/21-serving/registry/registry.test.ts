import {
  appendFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { onnxFile, weightsFile } from "../../../tests/21-serving/models.fixture.ts";
import { claim } from "../../00-runtime/node.ts";
import { Registry } from "./registry.ts";

let root: string;
let registry: Registry;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "registry-"));
  registry = new Registry(root);
});
afterEach(() => rmSync(root, { recursive: true }));

const at = (...names: string[]): string => join(root, "digits", ...names);
const added = async (...files: Uint8Array[]): Promise<void> => {
  for (const file of files) await registry.add("digits", file);
};

/** What is said, without this machine's folder. */
async function refusal(run: () => unknown): Promise<string> {
  try {
    await run();
  } catch (error) {
    return `${(error as Error).name}: ${(error as Error).message}`.replaceAll(root, "…");
  }
  throw new Error("nothing was refused");
}

describe("Registry", () => {
  it("keeps versions with schema, metrics and hash, and says which is current", async () => {
    const file = join(root, "a.onnx");
    writeFileSync(file, onnxFile(1));
    const first = await registry.add("digits", file, { metrics: { accuracy: 0.97 }, note: "baseline" });
    expect(first).toMatchObject({
      model: "digits",
      version: "1",
      file: "model.onnx",
      note: "baseline",
      run: null,
    });
    expect(first.schema).toEqual({
      inputs: [{ name: "input", dtype: "float32", shape: [-1, 4] }],
      outputs: [{ name: "output", dtype: "float32", shape: [-1, 3] }],
      weights: null,
    });
    expect(registry.current("digits")).toBe(null);
    await registry.promote("digits", "1");
    expect(registry.current("digits")).toEqual(first);
    const { content } = await registry.read("digits");
    expect(Buffer.from(content).equals(readFileSync(file))).toBe(true);
    expect(registry.models()).toEqual(["digits"]);
    expect(await registry.verify("digits")).toEqual([first]);
  });

  it("knows a file of weights by its content, and takes what one says about the model around them", async () => {
    const inputs = [{ name: "x", dtype: "float32" as const, shape: [-1, 4] }];
    const { file, schema } = await registry.add("digits", weightsFile(1), { inputs });
    expect(file).toBe("model.safetensors");
    expect(schema.inputs).toEqual(inputs);
    expect(schema.weights?.map(({ name, shape }) => [name, shape])).toEqual([
      ["0.bias", [8]],
      ["0.weight", [8, 4]],
      ["2.bias", [3]],
      ["2.weight", [3, 8]],
    ]);
  });

  it("goes back step by step, and forward again", async () => {
    await added(onnxFile(1), onnxFile(2), onnxFile(3));
    for (const version of ["1", "3", "2", "2"]) await registry.promote("digits", version);
    const back = [await registry.rollback("digits"), await registry.rollback("digits")];
    expect(back.map(({ version }) => version)).toEqual(["3", "1"]);
    expect(await refusal(() => registry.rollback("digits"))).toMatchInlineSnapshot(
      `"RangeError: Registry.rollback("digits"): no version was current before 1 — promote one"`,
    );
    await registry.promote("digits", "2");
    expect(registry.history("digits")?.before.map(({ version }) => version)).toEqual(["1"]);
  });

  it("is, after any sequence of promotions and rollbacks, where a stack would be", async () => {
    await added(onnxFile(1), onnxFile(2), onnxFile(3));
    const step = fc.constantFrom("1", "2", "3", "back");
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 8 }), async (steps) => {
        rmSync(at("current.json"), { force: true });
        const stack: string[] = [];
        for (const one of steps) {
          if (one !== "back") {
            await registry.promote("digits", one);
            if (stack.at(-1) !== one) stack.push(one);
          } else if (stack.length > 1) {
            stack.pop();
            await registry.rollback("digits");
          } else {
            await expect(registry.rollback("digits")).rejects.toThrow(RangeError);
          }
          expect(registry.current("digits")?.version ?? undefined).toBe(stack.at(-1));
        }
      }),
      { numRuns: 15 },
    );
  });

  it("gives two who add at once a number each", async () => {
    const versions = await Promise.all([1, 2, 3, 4].map((seed) => registry.add("digits", weightsFile(seed))));
    expect(versions.map(({ version }) => version).sort()).toEqual(["1", "2", "3", "4"]);
    expect(readdirSync(at("versions")).sort()).toEqual(["1", "2", "3", "4"]);
    expect((await registry.verify("digits")).filter((one) => "error" in one)).toEqual([]);
  });
});

describe("Registry refuses", () => {
  it("names that are paths, or no names", async () => {
    const wrong = [
      "..",
      "../x",
      "a/b",
      "a\\b",
      "/etc",
      ".hidden",
      "",
      "a b",
      "%2e%2e",
      "a\0",
      "x".repeat(101),
      "é",
    ];
    for (const name of wrong) {
      for (const call of [
        () => registry.add(name, onnxFile(1)),
        () => registry.promote(name, "1"),
        () => registry.rollback(name),
        () => registry.list(name),
        () => registry.current(name),
        () => registry.read(name),
      ])
        expect(await refusal(call)).toContain("is no name of a model");
    }
    expect(await refusal(() => registry.read("../x"))).toMatchInlineSnapshot(
      `"RangeError: Registry.current("../x"): "../x" is no name of a model — at most 100 letters, digits and any of _ . - , the first a letter or a digit"`,
    );
    expect(readdirSync(root)).toEqual([]);
  });

  it("versions that are paths, or not there", async () => {
    await added(onnxFile(1), onnxFile(2));
    for (const version of ["../1", "1/../2", "01", "1.0", "-1", "", "3", "current"])
      expect(await refusal(() => registry.promote("digits", version))).toContain("no such version");
    expect(await refusal(() => registry.promote("digits", "7"))).toMatchInlineSnapshot(
      `"RangeError: Registry.promote("digits", 7): no such version — digits has 1, 2"`,
    );
    expect(await refusal(() => registry.promote("digit", "1"))).toMatchInlineSnapshot(
      `"RangeError: Registry.promote("digit", 1): no model digit in … — did you mean digits?"`,
    );
    expect(await refusal(() => registry.read("digits"))).toMatchInlineSnapshot(
      `"RangeError: Registry.read(digits): no version is current — promote one of 1, 2"`,
    );
  });

  it("files that are no models, and metrics that are no numbers", async () => {
    expect(await refusal(() => registry.add("digits", new Uint8Array(100)))).toMatchInlineSnapshot(
      `"FormatError: Registry.add("digits", bytes): 100 bytes that are neither a safetensors file nor an ONNX model — a version is one of the two; save it with saveTensors or exportOnnx, or copy the file anew if it was cut off"`,
    );
    const [onnx, weights] = [onnxFile(1), weightsFile(1)];
    for (const half of [
      onnx.subarray(0, onnx.length >> 1),
      weights.subarray(0, weights.length - 1),
      new Uint8Array(),
    ])
      expect(await refusal(() => registry.add("digits", half))).toContain("FormatError");
    expect(await refusal(() => registry.add("digits", join(root, "none")))).toMatchInlineSnapshot(
      `"FormatError: Registry.add("digits", …/none): there is no such file — expected a model's file"`,
    );
    expect(
      await refusal(() => registry.add("digits", onnx, { metrics: { loss: Number.NaN } })),
    ).toMatchInlineSnapshot(
      `"TypeError: Registry.add("digits", bytes): metric loss is NaN — a finite number; leave out what was not measured"`,
    );
    expect(registry.models().flatMap((name) => registry.list(name))).toEqual([]);
  });

  it("a version that takes or gives something else than the current one, unless that is meant", async () => {
    await added(onnxFile(1), onnxFile(2, { outputs: 5 }), weightsFile(3));
    await registry.promote("digits", "1");
    expect(await refusal(() => registry.promote("digits", "2"))).toMatchInlineSnapshot(
      `"ShapeError: Registry.promote("digits", 2): version 2 has output "output" float32 [-1, 5]; it is "output" float32 [-1, 3] in version 1, which is current — clients would get errors; add it under another name, or pass { newSchema: true } (--new-schema) once the clients know"`,
    );
    expect(registry.current("digits")?.version).toBe("1");
    await registry.promote("digits", "2", { newSchema: true });
    expect(registry.current("digits")?.version).toBe("2");
  });

  it("a folder that was written half", async () => {
    await added(onnxFile(1));
    mkdirSync(at("versions", "2"));
    writeFileSync(at("versions", "2", "model.onnx"), onnxFile(2));
    expect(await refusal(() => registry.promote("digits", "2"))).toMatchInlineSnapshot(
      `"FormatError: Registry.promote("digits", 2): version 2 of digits has no version.json — a version is added whole, so this folder is not from a registry; delete …/digits/versions/2, then add the model"`,
    );
    rmSync(at("versions", "1", "model.onnx"));
    expect(await refusal(() => registry.promote("digits", "1"))).toContain("model.onnx is not there");
    expect(registry.list("digits").map((one) => "error" in one)).toEqual([true, true]);
    expect((await registry.add("digits", onnxFile(3))).version).toBe("3");
  });

  it("a model that was changed since, when it is promoted, read, verified or rolled back to", async () => {
    await added(onnxFile(1), onnxFile(2));
    await registry.promote("digits", "1");
    await registry.promote("digits", "2");
    const bytes = readFileSync(at("versions", "1", "model.onnx"));
    bytes[bytes.length >> 1] ^= 1;
    writeFileSync(at("versions", "1", "model.onnx"), bytes);
    const said = await refusal(() => registry.promote("digits", "1"));
    expect(said.replace(/[0-9a-f]{12}…/g, "<hash>…")).toMatchInlineSnapshot(
      `"FormatError: Registry.promote("digits", 1): version 1 of digits has the SHA-256 <hash>…, it was added with <hash>… — the file was damaged or changed since; promote another version, and add this one again from its source"`,
    );
    expect(await refusal(() => registry.rollback("digits"))).toContain("SHA-256");
    expect(await refusal(() => registry.read("digits", "1"))).toContain("SHA-256");
    expect((await registry.verify("digits")).map((one) => "error" in one)).toEqual([true, false]);
    expect(registry.current("digits")?.version).toBe("2");
    appendFileSync(at("versions", "1", "model.onnx"), "x");
    expect(await refusal(() => registry.read("digits", "1"))).toMatch(/has \d+ bytes — \d+ bytes were added/);
  });

  it("records and pointers from elsewhere that lead out of the folder, or are rubbish", async () => {
    await added(onnxFile(1), onnxFile(2));
    await registry.promote("digits", "1");
    const record = JSON.parse(readFileSync(at("versions", "2", "version.json"), "utf8"));
    for (const change of [
      { file: "../../../a" },
      { file: "/etc/passwd" },
      { sha256: "0" },
      { format: 2 },
      { bytes: -1 },
    ]) {
      writeFileSync(at("versions", "2", "version.json"), JSON.stringify({ ...record, ...change }));
      expect(await refusal(() => registry.promote("digits", "2"))).toContain("FormatError");
    }
    for (const text of [
      "",
      "{",
      "null",
      '{"format":1,"version":"../1","since":"x","before":[]}',
      "[".repeat(1000),
    ]) {
      writeFileSync(at("current.json"), text);
      expect(await refusal(() => registry.current("digits"))).toContain("FormatError");
    }
    await registry.promote("digits", "1"); // the remedy that is named
    expect(registry.current("digits")?.version).toBe("1");
    expect(readdirSync(at()).some((name) => name.endsWith(".damaged"))).toBe(true);
  });

  it("what is no regular file", async () => {
    await added(onnxFile(1));
    rmSync(at("versions", "1", "model.onnx"));
    symlinkSync("/dev/zero", at("versions", "1", "model.onnx"));
    expect(await refusal(() => registry.read("digits", "1"))).toContain("model.onnx is not there");
    expect(await refusal(() => registry.add("digits", "/dev/zero"))).toContain("no regular file");
  });

  it("a promotion while another process promotes, and changes nothing", async () => {
    await added(onnxFile(1));
    const other = claim(at("owner.json"), "test", "");
    expect(await refusal(() => registry.promote("digits", "1"))).toMatch(
      /^RangeError: Registry\.promote\("digits", 1\): in use by .* — one process at a time promotes or rolls back; try again/,
    );
    other.release();
    await registry.promote("digits", "1");
  });
});
