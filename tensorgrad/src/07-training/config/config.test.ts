import { ftruncateSync, mkdtempSync, openSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { FormatError, manualSeed, zeros } from "tensorgrad";
import { Linear } from "tensorgrad/nn";
import { AdamW, SGD } from "tensorgrad/optim";
import { afterEach, beforeEach, describe, expect, expectTypeOf, it } from "vitest";
import { z } from "zod";
import { loadConfig } from "./config.ts";
import { makeOptimizer, makeSchedule, trainingSchema } from "./training-config.ts";

let folder: string;
let path: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "config-"));
  path = join(folder, "run.yaml");
});
afterEach(() => rmSync(folder, { recursive: true }));

describe("loadConfig", () => {
  it("fills in defaults, so that a file says only what is special", () => {
    write("name: first\noptimizer: { name: sgd, lr: 1e-1, momentum: 0.9 }\n");
    const config = loadConfig(path);
    expect(config).toEqual({
      name: "first",
      seed: 0,
      data: { name: "digits", batchSize: 64, shuffle: true, dropLast: false },
      model: { hidden: [128], activation: "relu", dropout: 0 },
      optimizer: { name: "sgd", lr: 0.1, momentum: 0.9 },
      schedule: { name: "constant", warmup: 0 },
      training: { epochs: 5, accumulate: 1 },
    });
    expectTypeOf(config.training.epochs).toEqualTypeOf<number>();
  });

  it("takes a schema of one's own, with its types", () => {
    write("depth: 3\nnames: [a, b]\n");
    const schema = z.object({ depth: z.int(), names: z.array(z.string()), wide: z.boolean().default(false) });
    const config = loadConfig(path, schema);
    expect(config).toEqual({ depth: 3, names: ["a", "b"], wide: false });
    expectTypeOf(config).toEqualTypeOf<{ depth: number; names: string[]; wide: boolean }>();
  });

  it("repeats what an alias stands for", () => {
    write("a: &size [1, 2]\nb: *size\n");
    const list = z.array(z.number());
    expect(loadConfig(path, z.object({ a: list, b: list }))).toEqual({ a: [1, 2], b: [1, 2] });
  });

  it("lets the command line have the last word", () => {
    write("optimizer: { name: sgd, lr: 1 }\nmodel: { hidden: [8, 8] }\n");
    const overrides = [
      "optimizer.lr=0.1",
      "model.hidden.1=16",
      "training.epochs=2",
      "name=a.b",
      "seed=0",
      "seed=7",
    ];
    expect(loadConfig(path, undefined, { overrides })).toMatchObject({
      name: "a.b",
      seed: 7,
      optimizer: { name: "sgd", lr: 0.1 },
      model: { hidden: [8, 16] },
      training: { epochs: 2 },
    });
    expect(
      loadConfig(path, undefined, { overrides: ["optimizer={ name: adamw, betas: [0.9, 0.95] }"] }),
    ).toMatchObject({
      optimizer: { name: "adamw", lr: 1e-3, betas: [0.9, 0.95] },
    });
  });
});

describe("loadConfig refuses", () => {
  const files: Record<string, string | Uint8Array> = {
    "an unknown key": "seed: 1\noptimizer:\n  name: sgd\n  lr: 0.1\n  momentun: 0.9\n",
    "an unknown key at the top": "epochs: 3\n",
    "a wrong type": "training:\n  epochs: many\n",
    "a number out of range": "model: { dropout: 1 }\n",
    "a fraction for a count": "data: { batchSize: 0.5 }\n",
    "an unknown choice": "model:\n  activation: rellu\n",
    "an unknown alternative": "optimizer: { name: sdg, lr: 1 }\n",
    "a key that is missing": "seed: 2\noptimizer: { name: sgd }\n",
    "a wrong element of a list": "model: { hidden: [64, wide] }\n",
    "a list instead of keys": "- 1\n- 2\n",
    "several mistakes at once": "seed: -1\nname: a b\nmodell: {}\n",
    "a number that is none": "optimizer: { name: sgd, lr: .nan }\n",
    "an empty file": "",
    "a file of comments": "# nothing\n\n",
    "a key twice": "seed: 1\nname: a\nseed: 2\n",
    "broken YAML": "seed: [1, 2\nname: x\n",
    "a tab": "data:\n\tname: xor\n",
    "several documents": "--- {seed: 1}\n--- {seed: 2}\n",
    "a tag that runs code elsewhere": "seed: !!js/function 'function () {}'\n",
    "an alias of nothing": "seed: *none\n",
    "an alias within what it stands for": "seed: 1\nmodel: &m\n  hidden: [1, *m]\n",
    "aliases that explode": bomb(),
    "a list without an end in sight": `seed: ${"[".repeat(50_000)}`,
    "a key named __proto__": "__proto__: { seed: 1 }\n",
    "bytes that are not text": new Uint8Array([0x73, 0xff, 0xfe]),
  };
  const messages: Record<string, string> = {};
  for (const [name, text] of Object.entries(files)) {
    it(name, () => {
      write(text);
      messages[name] = refused();
    });
  }

  it("with the place, the key, and the rule", () => {
    expect(messages).toMatchInlineSnapshot(`
      {
        "a file of comments": "loadConfig(…/run.yaml): the file is empty — expected keys with values, such as seed: 1",
        "a fraction for a count": "loadConfig(…/run.yaml): line 1, column 9: data.batchSize is 0.5 — expected int",
        "a key named __proto__": "loadConfig(…/run.yaml): line 1, column 1: __proto__ is unknown — the keys here are name, seed, data, model, optimizer, schedule, training",
        "a key that is missing": "loadConfig(…/run.yaml): line 2, column 1: optimizer.lr is missing — expected number",
        "a key twice": "loadConfig(…/run.yaml): line 3, column 1: the key "seed" is there twice — keys must be unique",
        "a list instead of keys": "loadConfig(…/run.yaml): line 1, column 1: the file is [1,2] — expected object",
        "a list without an end in sight": "loadConfig(…/run.yaml): line 1: lists and keys are nested more than 100 deep — write it flatter",
        "a number out of range": "loadConfig(…/run.yaml): line 1, column 10: model.dropout is 1 — expected number to be <1",
        "a number that is none": "loadConfig(…/run.yaml): line 1, column 25: optimizer.lr is NaN — expected number",
        "a tab": "loadConfig(…/run.yaml): line 2, column 1: Tabs are not allowed as indentation — expected YAML 1.2",
        "a tag that runs code elsewhere": "loadConfig(…/run.yaml): line 1, column 7: Unresolved tag: tag:yaml.org,2002:js/function — expected YAML 1.2",
        "a wrong element of a list": "loadConfig(…/run.yaml): line 1, column 23: model.hidden.1 is "wide" — expected number",
        "a wrong type": "loadConfig(…/run.yaml): line 2, column 3: training.epochs is "many" — expected number",
        "aliases that explode": "loadConfig(…/run.yaml): 81 aliases that stand for more than 1000 values — write them out, or leave them out",
        "an alias of nothing": "loadConfig(…/run.yaml): line 1, column 7: *none stands for nothing — an alias repeats an &none that ended before it",
        "an alias within what it stands for": "loadConfig(…/run.yaml): line 3, column 15: *m is part of what it stands for — an alias repeats an &m that ended before it",
        "an empty file": "loadConfig(…/run.yaml): the file is empty — expected keys with values, such as seed: 1",
        "an unknown alternative": "loadConfig(…/run.yaml): line 1, column 14: optimizer.name is "sdg" — expected one of sgd, adam, adamw, nadam, radam, adamax, rmsprop, adagrad, adadelta, muon; did you mean sgd?",
        "an unknown choice": "loadConfig(…/run.yaml): line 2, column 3: model.activation is "rellu" — expected one of relu, tanh, sigmoid, gelu, silu; did you mean relu?",
        "an unknown key": "loadConfig(…/run.yaml): line 5, column 3: optimizer.momentun is unknown — the keys here are name, lr, momentum, nesterov, weightDecay; did you mean momentum?",
        "an unknown key at the top": "loadConfig(…/run.yaml): line 1, column 1: epochs is unknown — the keys here are name, seed, data, model, optimizer, schedule, training",
        "broken YAML": "loadConfig(…/run.yaml): line 2, column 1: Flow sequence in block collection must be sufficiently indented and end with a ] — expected YAML 1.2",
        "bytes that are not text": "loadConfig(…/run.yaml): bytes that are not UTF-8 — expected text",
        "several documents": "loadConfig(…/run.yaml): line 2, column 1: Source contains multiple documents; please use YAML.parseAllDocuments() — expected YAML 1.2",
        "several mistakes at once": "loadConfig(…/run.yaml): line 2, column 1: name is "a b" — expected letters, digits, and any of _ . -
        line 1, column 1: seed is -1 — expected number to be >=0
        line 3, column 1: modell is unknown — the keys here are name, seed, data, model, optimizer, schedule, training; did you mean model?",
      }
    `);
  });

  it("paths that are not files of a reasonable size, without reading them", () => {
    expect(refused()).toMatchInlineSnapshot(
      `"loadConfig(…/run.yaml): there is no such file — expected the path of a YAML file"`,
    );
    path = folder;
    expect(refused()).toMatchInlineSnapshot(
      `"loadConfig(…): this is a folder — expected the path of a YAML file"`,
    );
    path = join(folder, "bomb.yaml");
    ftruncateSync(openSync(path, "w"), 100 * 2 ** 20); // sparse: takes no room
    expect(refused()).toMatchInlineSnapshot(
      `"loadConfig(…/bomb.yaml): 100 MB, at most 1.0 MB are read — expected the path of a YAML file"`,
    );
  });

  it("overrides: whatever is typed, an error names it", () => {
    write("optimizer: { name: sgd, lr: 1 }\n");
    const words = fc.constantFrom(
      "*x",
      "&x ",
      "[",
      "]",
      "{a: ",
      "}",
      "1",
      ", ",
      "\n- ",
      "'",
      "#",
      "!!int ",
      "|",
      "? ",
    );
    const yaml = fc.array(words, { maxLength: 6 }).map((list) => list.join(""));
    const values = fc.oneof(
      yaml,
      yaml.map((text) => `seed=${text}`),
      fc.string(),
    );
    fc.assert(
      fc.property(values, (override) => {
        try {
          loadConfig(path, undefined, { overrides: [override] });
        } catch (error) {
          expect(error).toBeInstanceOf(FormatError);
        }
      }),
      { seed: 1, numRuns: 1000 },
    );
  });

  it("whatever is nested without end", () => {
    const opening = fc.constantFrom("[", "{a: ", "- ", "? ", "[{b: ", "- ? ", "- - [");
    fc.assert(
      fc.property(opening, fc.integer({ min: 101, max: 30_000 }), (signs, depth) => {
        write(`seed:\n  ${signs.repeat(depth)}1\n`);
        expect(refused()).toMatch(/nested more than 100 deep|expected YAML 1\.2/);
      }),
      { seed: 1, numRuns: 40 },
    );
  });

  it("40,000 keys of one map as quickly as few, and one that is there twice", () => {
    const keys = Array.from({ length: 40_000 }, (_, i) => `k${i}: 1`);
    write(`name: many\noptimizer: { name: sgd, lr: 1 }\nmetadata:\n  ${keys.join("\n  ")}\n`);
    expect(refused()).toMatch(/^loadConfig\(…\/run\.yaml\): line 3, column 1: metadata is unknown/);
    write(`${keys.join("\n")}\nk17: 2\n`);
    expect(refused()).toMatchInlineSnapshot(
      `"loadConfig(…/run.yaml): line 40001, column 1: the key "k17" is there twice — keys must be unique"`,
    );
  });

  it("unknown keys also for a schema that would drop them", () => {
    write("depth: 3\ninner: [{ a: 1, scael: 2 }]\n");
    const schema = z.object({
      depth: z.int(),
      inner: z.array(z.object({ a: z.int(), scale: z.int().optional() })),
    });
    expect(refused(() => loadConfig(path, schema))).toMatchInlineSnapshot(
      `"loadConfig(…/run.yaml): line 2, column 17: inner.0.scael is unknown — the keys here are a, scale; did you mean scale?"`,
    );
  });

  it("overrides that are none, name no place, or do not fit", () => {
    write("optimizer: { name: sgd, lr: 1 }\nmodel: { hidden: [8] }\n");
    const attempt = (override: string): string =>
      refused(() => loadConfig(path, undefined, { overrides: [override] }));
    expect(
      [
        "optimizer.lr",
        "=3",
        "a..b=1",
        "__proto__.seed=1",
        "seed=[1",
        "optimizer.lr=fast",
        "optimizer.momentun=0.9",
        "model.hidden.3=1",
        "optimizer.lr.x=1",
        "seed=",
        "seed=*x",
        "seed=&a [*a]",
      ].map(attempt),
    ).toMatchInlineSnapshot(`
      [
        "loadConfig(…/run.yaml): --set optimizer.lr — expected key=value, such as optimizer.lr=0.1",
        "loadConfig(…/run.yaml): --set =3 — expected key=value, such as optimizer.lr=0.1",
        "loadConfig(…/run.yaml): --set a..b=1 — expected key=value, such as optimizer.lr=0.1",
        "loadConfig(…/run.yaml): --set __proto__.seed=1 — expected key=value, such as optimizer.lr=0.1",
        "loadConfig(…/run.yaml): --set seed=[1: line 1, column 3: Flow sequence must end with a ] — expected YAML 1.2",
        "loadConfig(…/run.yaml): --set optimizer.lr=fast: optimizer.lr is "fast" — expected number",
        "loadConfig(…/run.yaml): --set optimizer.momentun=0.9: optimizer.momentun is unknown — the keys here are name, lr, momentum, nesterov, weightDecay; did you mean momentum?",
        "loadConfig(…/run.yaml): --set model.hidden.3=1: 3 in a list of 1 — expected 0 to 0",
        "loadConfig(…/run.yaml): --set optimizer.lr.x=1: x in 1 — only objects and lists have keys",
        "loadConfig(…/run.yaml): --set seed=: seed is null — expected number",
        "loadConfig(…/run.yaml): --set seed=*x: line 1, column 1: *x stands for nothing — an alias repeats an &x that ended before it",
        "loadConfig(…/run.yaml): --set seed=&a [*a]: line 1, column 5: *a is part of what it stands for — an alias repeats an &a that ended before it",
      ]
    `);
  });

  it("nothing that spoils other objects", () => {
    write("__proto__: { polluted: true }\n");
    refused();
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
  });
});

describe("the training schema", () => {
  it("describes optimizers and schedules", () => {
    manualSeed(1);
    const { weight } = new Linear(2, 1);
    const config = trainingSchema.parse({
      optimizer: { name: "adamw", lr: 0.02, weightDecay: 0.1 },
      schedule: { name: "cosine", warmup: 10, minLr: 0.001 },
    });
    const optimizer = makeOptimizer(config.optimizer, [weight]);
    expect(optimizer).toBeInstanceOf(AdamW);
    expect(optimizer.groups[0].settings).toMatchObject({ lr: 0.02, weightDecay: 0.1, eps: 1e-8 });
    const schedule = makeSchedule(config, 110);
    expect([schedule.getLr(10), schedule.getLr(60), schedule.getLr(110)].map((lr) => +lr.toFixed(6))).toEqual(
      [0.02, 0.0105, 0.001],
    );
    expect(schedule.getLr(0)).toBeLessThan(0.003);
  });

  it("makes each optimizer and schedule that it knows", () => {
    for (const name of [
      "sgd",
      "adam",
      "adamw",
      "nadam",
      "radam",
      "adamax",
      "rmsprop",
      "adagrad",
      "adadelta",
      "muon",
    ]) {
      const { optimizer } = trainingSchema.parse({ optimizer: { name, lr: 0.5 } });
      const made = makeOptimizer(optimizer, [new Linear(2, 2).weight]);
      expect(made.constructor.name.toLowerCase()).toBe(name);
      expect(made.groups[0].settings.lr).toBe(0.5);
    }
    const muon = makeOptimizer({ name: "muon", lr: 0.02, restLr: 0.003 }, new Linear(2, 2).parameters());
    expect(muon.groups.map(({ settings: { lr } }) => lr)).toEqual([0.02, 0.003]);
    const optimizer = { name: "sgd", lr: 0.5 };
    for (const schedule of [
      { name: "constant" },
      { name: "step", stepSize: 5 },
      { name: "multistep", milestones: [3, 5], gamma: 0.5 },
      { name: "exponential", gamma: 0.9 },
      { name: "polynomial" },
      { name: "restarts", t0: 4, tMult: 2 },
      { name: "cosine" },
      { name: "onecycle" },
    ]) {
      const made = makeSchedule(trainingSchema.parse({ optimizer, schedule }), 20);
      for (let step = 0; step < 20; step++) expect(made.getLr(step)).toBeLessThanOrEqual(0.5);
    }
    expect(makeOptimizer({ name: "sgd", lr: 1 }, [zeros([1], { requiresGrad: true })])).toBeInstanceOf(SGD);
  });
});

// ————— helpers

const write = (text: string | Uint8Array): void => writeFileSync(path, text);

function refused(load: () => unknown = () => loadConfig(path)): string {
  try {
    load();
  } catch (error) {
    expect((error as Error).name).toBe("FormatError");
    return (error as Error).message.replaceAll(folder, "…");
  }
  throw new Error("nothing was refused");
}

/** Nine levels of nine aliases each: 9⁹ values from 500 bytes. */
function bomb(): string {
  const level = (i: number) =>
    `l${i}: &l${i} [${Array(9)
      .fill(`*l${i - 1}`)
      .join(", ")}]`;
  return ["l0: &l0 [lol]", ...Array.from({ length: 9 }, (_, i) => level(i + 1))].join("\n");
}
