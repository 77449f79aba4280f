import {
  appendFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { defaultRandom, FormatError } from "tensorgrad";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { parse } from "yaml";
import {
  type FixedRun,
  fingerprint,
  finish,
  makeRun,
  type RunOptions,
} from "../../../tests/07-training/training-run.fixture.ts";
import { curvesSvg } from "../../plots/curves.ts";
import { Checkpoints } from "../checkpoints/checkpoints.ts";
import { git } from "./environment.ts";
import { Experiment, variables } from "./experiment.ts";
import { type Line, readLines } from "./metrics-log.ts";
import { compareRuns, findRun, listRuns, readRun } from "./runs.ts";

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "runs-"));
});
afterEach(() => {
  rmSync(root, { recursive: true });
  vi.unstubAllEnvs();
});

describe("Experiment", () => {
  it("leaves a folder that tells the whole run", async () => {
    const config = { model: { hidden: 24 }, lr: 0.01 };
    const experiment = new Experiment({ name: "spiral", root, config, seed: 3 });
    const history = await finish(run({}, experiment));
    expect(experiment.folder).toBe(join(root, "spiral-001"));
    expect(readdirSync(experiment.folder).map((name) => name.replace(/\d+\..*/, "…"))).toEqual([
      "config.yaml",
      "environment.json",
      "events.out.tfevents.…",
      "metrics.jsonl",
      "plots",
      "run.json",
    ]);
    expect(parse(read(experiment, "config.yaml"))).toEqual(config);
    expect(JSON.parse(read(experiment, "run.json"))).toMatchObject({
      ...{ id: "spiral-001", seed: 3, status: "finished", reason: null, epochs: 4, steps: 128 },
      process: { id: process.pid },
    });
    const found = JSON.parse(read(experiment, "environment.json"));
    expect(found).toMatchObject({ node: process.version, packages: { tensorgrad: "0.2.0", yaml: "2.9.1" } });
    expect(Object.keys(found)).toEqual(
      expect.arrayContaining(["cpu", "cores", "threads", "kernels", "blas", "git"]),
    );

    const { lines } = readLines(experiment.path("metrics.jsonl"));
    expect(steps(lines).map(({ loss }) => loss)).toEqual(history.flatMap(({ train }) => train.losses));
    const epochs = lines.filter((line) => line.kind === "epoch");
    expect(epochs.map(({ metrics }) => metrics["validation.accuracy"])).toEqual(
      history.map(({ validation }) => validation?.metrics.accuracy),
    );
    expect(readdirSync(experiment.path("plots"))).toEqual(["accuracy.svg", "learning-rate.svg", "loss.svg"]);
  });

  it("numbers its folders, also when others make some at the same time", () => {
    const ids = ["a", "a", "b", "a"].map((name) => new Experiment({ name, root, tensorboard: false }).id);
    expect(ids).toEqual(["a-001", "a-002", "b-001", "a-003"]);
  });

  it("seeds the generator, and draws a seed where it is given none", () => {
    new Experiment({ root, seed: 12 });
    expect(defaultRandom.state).toEqual({ seed: 12, position: 0 });
    const [a, b] = [new Experiment({ root }).seed, new Experiment({ root }).seed];
    expect(a).not.toBe(b);
    expect(defaultRandom.state.seed).toBe(b);
  });

  it("records why a training ended early", async () => {
    const stopped = new Experiment({ root, name: "stopped", seed: 1 });
    await finish(run({ callbacks: [stopAfter(5)] }, stopped));
    expect(JSON.parse(read(stopped, "run.json"))).toMatchObject({
      status: "stopped",
      reason: "enough",
      steps: 5,
    });
    const failed = new Experiment({ root, name: "failed", seed: 1 });
    await expect(finish(run({ callbacks: [breakAfter(5)] }, failed))).rejects.toThrow("loss is NaN");
    expect(JSON.parse(read(failed, "run.json"))).toMatchObject({ status: "failed", steps: 5 });
    expect(JSON.parse(read(failed, "run.json")).reason).toMatch(/^trainEpoch: the loss is NaN at step 6/);
    expect(existsSync(failed.path("plots", "loss.svg"))).toBe(true);
  });

  it("goes on in the same folder after a checkpoint, and ends with the same log", async () => {
    const whole = new Experiment({ root, name: "whole", seed: 1 });
    const first = run({}, whole);
    await finish(first);

    const part = new Experiment({ root, name: "part", seed: 1, config: { a: 1 } });
    const saved = (experiment: Experiment, callbacks: RunOptions["callbacks"] = []) => {
      const checkpoints = { made: new Checkpoints({ folder: "unused" }) };
      const made = makeRun({
        callbacks: (loader) => {
          checkpoints.made = new Checkpoints({
            folder: experiment.path("checkpoints"),
            loader,
            everySteps: 10,
          });
          return [experiment, checkpoints.made, ...(callbacks as [])];
        },
      });
      return { run: made, checkpoints: checkpoints.made };
    };
    await expect(finish(saved(part, [failAfter(47)]).run)).rejects.toThrow("killed");
    expect(steps(readLines(part.path("metrics.jsonl")).lines)).toHaveLength(47);
    appendFileSync(part.path("metrics.jsonl"), '{"kind":"st'); // a line that was being written

    const again = new Experiment({ root, resume: part.id });
    expect([again.folder, again.seed, again.config]).toEqual([part.folder, 1, { a: 1 }]);
    const rest = saved(again, [{}]);
    expect(await rest.checkpoints.resume(rest.run.trainer)).toMatchObject({ steps: 40 });
    await finish(rest.run);
    expect(untimed(again)).toEqual(untimed(whole));
    expect(fingerprint(rest.run.model)).toBe(fingerprint(first.model));
    expect(JSON.parse(read(again, "run.json"))).toMatchObject({
      name: "part",
      status: "finished",
      steps: 128,
    });
  });

  it("takes seed and configuration from the run that a replay repeats, of several the right one", () => {
    const recorded = new Experiment({ root, name: "x", seed: 5, config: { lr: 1 } });
    vi.stubEnv(variables.replay, recorded.folder);
    vi.stubEnv(variables.root, join(root, "again"));
    const { ordinal } = JSON.parse(read(recorded, "run.json"));
    const other = new Experiment({ root, name: "x", seed: 6, config: { lr: 2 } }); // a later one of this name
    expect([other.seed, other.config, other.folder]).toEqual([6, { lr: 2 }, join(root, "again", "x-001")]);
    writeFileSync(
      recorded.path("run.json"),
      read(recorded, "run.json").replace(`"ordinal": ${ordinal}`, `"ordinal": ${ordinal + 2}`),
    );
    const same = new Experiment({ root, name: "x", seed: 6, config: { lr: 2 } });
    expect([same.seed, same.config]).toEqual([5, { lr: 1 }]);
  });

  it("refuses names that are no names, and runs that are not there", () => {
    expect(() => new Experiment({ root, name: "../x" })).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: Experiment: name "../x" — letters, digits, and any of _ . -]`,
    );
    new Experiment({ root, name: "a" });
    const message = (resume: string) => {
      try {
        new Experiment({ root, resume });
      } catch (error) {
        return (error as Error).message.replaceAll(root, "…");
      }
      return "";
    };
    expect(message("b-001")).toMatchInlineSnapshot(`"Experiment: no run b-001 in … — there are a-001"`);
    writeFileSync(join(root, "a-001", "run.json"), "{");
    expect(message("a-001")).toMatchInlineSnapshot(
      `"…/a-001/run.json: no JSON — expected what an Experiment wrote; the run is damaged"`,
    );
  });
});

describe("listRuns", () => {
  it("tells when, how far, how good; and which were killed", async () => {
    await finish(run({}, new Experiment({ root, name: "good", seed: 1 })));
    const killed = new Experiment({ root, name: "killed", seed: 2 });
    const record = JSON.parse(read(killed, "run.json"));
    writeFileSync(
      killed.path("run.json"),
      JSON.stringify({ ...record, process: { ...record.process, id: 2 ** 22 + 1 } }),
    );
    const odd = new Experiment({ root, name: "odd", seed: 2 });
    writeFileSync(odd.path("run.json"), "no JSON");
    const [good, gone, unreadable] = listRuns(root);
    expect(good).toMatchObject({
      id: "good-001",
      status: "finished",
      seed: 1,
      epochs: 4,
      steps: 128,
      note: null,
    });
    expect("best" in good && good.best.map(({ name }) => name)).toEqual([
      "train.loss",
      "train.accuracy",
      "validation.loss",
      "validation.accuracy",
    ]);
    expect(gone).toMatchObject({ id: "killed-001", status: "killed", epochs: 0, best: [] });
    expect(unreadable).toMatchObject({ id: "odd-001", error: expect.stringContaining("run.json: no JSON") });
  });

  it("puts up with a last line that is half, not with others that are damaged", async () => {
    const experiment = new Experiment({ root, seed: 1 });
    await finish(run({}, experiment));
    const path = experiment.path("metrics.jsonl");
    const text = readFileSync(path, "utf8");
    writeFileSync(path, text.slice(0, -20));
    expect(listRuns(root)).toMatchObject([
      { epochs: 3, note: expect.stringContaining("the last line is not finished") },
    ]);
    for (const damage of ["{nonsense", '{"kind":"other"}', "", "3"]) {
      writeFileSync(path, text.split("\n").with(4, damage).join("\n"));
      expect(listRuns(root)).toMatchObject([{ error: expect.stringContaining("metrics.jsonl, line 5: ") }]);
    }
    writeFileSync(path, text.split("\n").with(4, "{nonsense").join("\n"));
    expect(() => readLines(path)).toThrow(
      `line 5: "{nonsense" — expected a step or an epoch as JSON; the file is damaged`,
    );
  });

  it("lists a damaged run with the reason, whatever is wrong with it, and all others as they are", async () => {
    await finish(run({}, new Experiment({ root, name: "good", seed: 1, tensorboard: false })));
    const bad = new Experiment({ root, name: "bad", seed: 1, config: { lr: 1 }, tensorboard: false });
    await finish(run({}, bad));
    const names = ["run.json", "config.yaml", "metrics.jsonl", "environment.json"] as const;
    const whole = new Map(names.map((name) => [name, read(bad, name)]));
    const contents = fc.oneof(
      fc.json(),
      fc.constantFrom(
        "",
        "null",
        "[]",
        "&a [*a]\n",
        "seed: *x\n",
        "[".repeat(20_000),
        `{"git":{"commit":1}}`,
      ),
      fc.constantFrom(...["null", "{}", '{"metrics":null}'].map((text) => `${text}\n`)),
      fc
        .constantFrom("step", "epoch")
        .map((kind) => `{"kind":"${kind}","step":1,"epoch":1,"metrics":null}\n`),
      fc.constant('{"kind":"epoch","step":1,"epoch":1,"metrics":{"train.loss":null},"seconds":1,"time":1}\n'),
      fc.string().map((text) => `${text}\n`),
      fc.constant(null), // a folder in its place
    );
    fc.assert(
      fc.property(fc.constantFrom(...names), contents, (name, content) => {
        for (const [file, text] of whole) writeFileSync(bad.path(file), text);
        rmSync(bad.path(name));
        if (content === null) mkdirSync(bad.path(name));
        else writeFileSync(bad.path(name), content);
        const [first, good] = listRuns(root);
        expect(good).toMatchObject({ id: "good-001", steps: 128 });
        expect(first.id).toBe("bad-001");
        if ("error" in first) {
          expect(first.error).toContain(name);
          expect(() => readRun(bad.folder)).toThrow(FormatError);
        } else {
          compareRuns([readRun(bad.folder), readRun(join(root, "good-001"))]);
          const { lines } = readLines(bad.path("metrics.jsonl"));
          const numbers = lines.flatMap(({ metrics }) => Object.values(metrics));
          expect(numbers.every((value) => typeof value === "number")).toBe(true);
        }
        rmSync(bad.path(name), { recursive: true });
      }),
      { seed: 1, numRuns: 300 },
    );
  });

  it("names what is damaged", async () => {
    const bad = new Experiment({ root, name: "bad", seed: 1, tensorboard: false });
    await finish(run({}, bad));
    const reason = (name: string, content: string): string => {
      const before = read(bad, name);
      writeFileSync(bad.path(name), content);
      const [first] = listRuns(root);
      writeFileSync(bad.path(name), before);
      return "error" in first ? first.error.replaceAll(root, "…") : "fine";
    };
    expect(reason("environment.json", "null")).toMatchInlineSnapshot(
      `"…/bad-001/environment.json: the file: Invalid input: expected object, received null — expected what an Experiment wrote; the run is damaged"`,
    );
    expect(reason("config.yaml", "lr: &a [*a]")).toMatchInlineSnapshot(
      `"…/bad-001/config.yaml: line 1, column 9: *a is part of what it stands for — an alias repeats an &a that ended before it"`,
    );
    expect(
      reason("metrics.jsonl", '{"kind":"step","step":1,"epoch":1,"metrics":null}\n'),
    ).toMatchInlineSnapshot(
      `"…/bad-001/metrics.jsonl, line 1: "{\\"kind\\":\\"step\\",\\"step\\":1,\\"epoch\\":1,\\"metrics\\":null}" — expected a step or an epoch as JSON; the file is damaged"`,
    );
    expect(reason("run.json", "[".repeat(10_000))).toMatchInlineSnapshot(
      `"…/bad-001/run.json: no JSON — expected what an Experiment wrote; the run is damaged"`,
    );
    rmSync(bad.path("metrics.jsonl"));
    mkdirSync(bad.path("metrics.jsonl"));
    const [folder] = listRuns(root);
    expect("error" in folder && folder.error.replaceAll(root, "…")).toMatchInlineSnapshot(
      `"…/bad-001/metrics.jsonl: this is a folder — expected the lines that an Experiment wrote; the run is damaged"`,
    );
  });

  it("says so where there is none", () => {
    const message = (path: string) => {
      try {
        listRuns(path);
      } catch (error) {
        return (error as Error).message.replaceAll(root, "…");
      }
      return "";
    };
    expect(message(root)).toMatchInlineSnapshot(
      `"runs: … has no runs — a training with an Experiment among its callbacks makes them; name another folder with --folder"`,
    );
    expect(message(join(root, "none"))).toMatchInlineSnapshot(
      `"runs: …/none does not exist — a training with an Experiment among its callbacks makes them; name another folder with --folder"`,
    );
  });
});

describe("a run to resume", () => {
  it("is one of its folder, and nothing outside", () => {
    mkdirSync(join(root, "runs"));
    const inside = join(root, "runs");
    const outside = new Experiment({ root, name: "outside", tensorboard: false });
    const before = readdirSync(outside.folder);
    expect(
      () => new Experiment({ root: inside, resume: "../outside-001" }),
    ).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: Experiment: resume "../outside-001" — the id of a run, such as mlp-001; a run stays inside of its folder]`,
    );
    const step = fc.constantFrom("..", ".", "outside-001", "", "~", root);
    fc.assert(
      fc.property(fc.array(step, { maxLength: 4 }), fc.constantFrom("/", "\\"), (parts, slash) => {
        expect(() => new Experiment({ root: inside, resume: parts.join(slash) })).toThrow(RangeError);
      }),
      { seed: 1 },
    );
    expect(readdirSync(outside.folder)).toEqual(before);
  });
});

describe("compareRuns", () => {
  it("shows where runs differ, and their numbers side by side", async () => {
    await finish(
      run(
        {},
        new Experiment({ root, name: "a", seed: 1, config: { lr: 1, model: { hidden: [8], p: 0.1 } } }),
      ),
    );
    await finish(
      run(
        { seed: 2 },
        new Experiment({ root, name: "b", seed: 2, config: { lr: 1, model: { hidden: [9], p: 0.1 } } }),
      ),
    );
    const { ids, config, environment, best, last, notes } = compareRuns(
      ["a-001", "b-001"].map((id) => findRun(root, id)),
    );
    expect(ids).toEqual(["a-001", "b-001"]);
    expect(config).toEqual({ "model.hidden": [[8], [9]], seed: [1, 2] });
    expect(environment).toEqual({});
    expect(best["validation.loss"]).toHaveLength(2);
    expect(Object.keys(last)).toEqual([
      "train.loss",
      "train.accuracy",
      "validation.loss",
      "validation.accuracy",
    ]);
    expect(notes).toEqual([]);
  });

  it("finds runs by the beginning of their ids", () => {
    for (const name of ["first", "second", "second"]) new Experiment({ root, name });
    expect(findRun(root, "f").record.id).toBe("first-001");
    expect(() => findRun(root, "second")).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: runs: 2 ids begin with second — there are first-001, second-001, second-002; give more of the id]`,
    );
    expect(() => findRun(root, "frist-001")).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: runs: no run frist-001 — there are first-001, second-001, second-002; did you mean first-001?]`,
    );
  });
});

describe("curvesSvg", () => {
  it("draws lines, leaves out what is not finite, and escapes names", () => {
    const svg = curvesSvg(
      [
        {
          name: "a < b",
          points: [
            [0, 1],
            [1, Number.NaN],
            [2, 3],
          ],
        },
        { name: "none", points: [] },
      ],
      { title: "x & y", xLabel: "steps", yLabel: "" },
    );
    expect(svg).toContain("a &lt; b");
    expect(svg).toContain("<title>x &amp; y</title>");
    expect(svg.match(/d="(M[^"]*)"/)?.[1]).toMatch(/^M[\d.]+,[\d.]+L[\d.]+,[\d.]+$/);
    expect(svg).not.toContain("NaN");
  });

  it("draws a single point and no points at all", () => {
    for (const points of [[], [[3, 5]]] as [number, number][][]) {
      expect(curvesSvg([{ name: "a", points }], { title: "", xLabel: "", yLabel: "" })).not.toMatch(
        /NaN|Infinity/,
      );
    }
  });
});

describe("git", () => {
  it("is null outside of a repository", () => {
    expect(git(root)).toBeNull();
  });
});

// ————— helpers

const read = (experiment: Experiment, name: string): string => readFileSync(experiment.path(name), "utf8");
const steps = (lines: readonly Line[]) => lines.filter((line) => line.kind === "step");

const untimed = (experiment: Experiment): unknown =>
  readLines(experiment.path("metrics.jsonl")).lines.map((line) => ({ ...line, time: 0, seconds: 0 }));

const run = ({ callbacks = [], ...options }: RunOptions, experiment: Experiment): FixedRun =>
  makeRun({ ...options, callbacks: [experiment, ...(callbacks as [])] });

const at = (step: number, act: (trainer: FixedRun["trainer"]) => void) => ({
  onStepEnd: (trainer: FixedRun["trainer"], result: { step: number }) =>
    void (result.step === step && act(trainer)),
});
const stopAfter = (step: number) => at(step, (trainer) => trainer.stop("enough"));
const breakAfter = (step: number) =>
  at(step, ({ model }) => {
    model.parameters()[3].data[0] = Number.NaN;
  });
const failAfter = (step: number) =>
  at(step, () => {
    throw new Error("killed");
  });
