import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { hashOf } from "../author/probes.ts";
import { verifyExercise } from "../author/verify.ts";
import { BundleError } from "../engine/bundle.ts";
import { root } from "../engine/catalogue.ts";
import type { Exercise } from "../exercise.ts";
import type { Learn } from "../learner/learn.ts";
import { readProgress } from "../learner/progress.ts";
import { diff, hint } from "../learner/verbs.ts";
import { answer, kept, learner, solveAll, write } from "./sample.fixture.ts";

/** What learners of other courses complained about; each is kept from happening here. */
describe("complaints", () => {
  it("the checker ran the reference solution and not my code", async () => {
    await using it = await learner();
    const { learn } = it;
    solveAll(learn);
    for (const entry of learn.entries) {
      learn.ensure(entry);
      const own = learn.workspace.read(entry.file)!;
      learn.workspace.write(entry.file, `throw new Error("mine");\n${own}`);
      const verdict = await learn.check(entry);
      expect(verdict.passed || verdict.checks.some(({ passed }) => passed), entry.exercise.id).toBe(false);
      expect(verdict.message).toBe("mine");
      expect(verdict.at).toEqual({ file: entry.file, line: 1 });
      learn.workspace.write(entry.file, own);
    }
  });

  it("the answer stands in the exercise already", async () => {
    await using it = await learner();
    const { learn } = it;
    for (const entry of learn.entries) {
      learn.ensure(entry);
      const { checks, passed } = await learn.check(entry);
      expect([passed, checks.filter((check) => check.passed)], entry.exercise.id).toEqual([false, []]);
    }
    const given = learn.workspace.read("notes/learn/tests/sample/lists.ts");
    expect(given).not.toContain("sum += x");
    expect(given).toContain('throw new Error("list-mean: this part is yours to write");');
    expect(given).toContain('const scale = "";');
  });

  it("the checks of module N need module N + k", async () => {
    await using it = await learner();
    const { learn } = it;
    solveAll(learn);
    learn.workspace.write("notes/learn/tests/sample/spread.ts", "this is no program");
    expect((await learn.check(learn.entry("list-total"))).passed).toBe(true);
    // Nor an exercise of the same file that nobody has written yet.
    write(learn, "list-total", 'throw new Error("list-total: this part is yours to write");');
    expect((await learn.check(learn.entry("list-mean"))).passed).toBe(true);
  });

  it("checks that were skipped counted as passed", async () => {
    await using it = await learner();
    const { learn } = it;
    const entry = {
      ...learn.entry("list-reading"),
      check: join(root, "notes/learn/tests/no-checks.fixture.ts"),
    };
    const verdict = await learn.check(entry);
    expect(verdict.passed).toBe(false);
    expect(verdict.message).toMatchInlineSnapshot(`"there are no checks: nothing was proved"`);
    const verified = await verifyExercise(learn, entry);
    expect(verified.complaints).toContain("there are no checks");
  });

  it("Python, Graphviz, Windows, a notebook server", () => {
    const { scripts } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as {
      scripts: Record<string, string>;
    };
    expect(scripts.learn).toBe("tsx notes/learn/cli.ts");
  });

  it("no help between nothing and the full answer", async () => {
    await using it = await learner();
    const { learn } = it;
    const shown = [1, 2, 3, 4].map(() => {
      const screen = kept();
      hint(learn, screen, "list-total");
      return screen.text;
    });
    expect(shown.map((text) => text.match(/^\d/gm)?.length)).toEqual([1, 2, 3, 4]);
    expect(shown[3]).not.toContain("sum += x");
    diff(learn, kept(), "list-total");
    write(learn, "list-total");
    await learn.check(learn.entry("list-total"));
    expect(readProgress(learn.workspace).passed["list-total"].assisted).toBe(true);
  });

  it("progress that lies, re-checks of everything", async () => {
    await using it = await learner();
    const { learn } = it;
    solveAll(learn);
    for (const entry of learn.entries)
      expect(await learn.check(entry)).toMatchObject({ ending: "done", passed: true });
    expect(standings(learn)).toEqual({});
    write(learn, "list-total", "return xs.reduce((a, b) => a + b, 0);");
    // What calls it goes stale: the mean, and the variance above it. The questions and the other region do not.
    expect(standings(learn)).toEqual({
      ...{ "list-total": "stale", "list-mean": "stale", "spread-variance": "stale" },
      "list-scale": "stale", // it calls the sum when the file is loaded
    });
    await learn.check(learn.entry("list-mean"));
    expect(standings(learn)["list-mean"]).toBeUndefined();
    write(learn, "list-scale", 'let scale = "m";\nscale = scale.trim();');
    expect(Object.keys(standings(learn))).not.toContain("list-bytes");
  });

  it('"tests failed" and nothing more', async () => {
    await using it = await learner();
    const { learn } = it;
    for (const entry of learn.entries) {
      for (const { name, wrong, says } of entry.exercise.mistakes) {
        if (typeof wrong === "string") write(learn, entry.exercise.id, `// by me\n${wrong}`);
        else
          for (const [key, value] of Object.entries(wrong))
            answer(learn, entry.exercise.id, key, String(value));
        expect((await learn.check(entry)).mistake, entry.exercise.id).toEqual({ name, says });
      }
      solveAll(learn); // the next one may call this one
    }
  });
});

describe("author verify", () => {
  it("finds what is wrong with an exercise", async () => {
    await using it = await learner();
    const { learn } = it;
    const entry = learn.entry("list-total");
    const changed = (mistakes: Exercise["mistakes"]) =>
      verifyExercise(learn, { ...entry, exercise: { ...entry.exercise, mistakes } as Exercise });
    const { complaints } = await changed([
      {
        name: "none at all",
        wrong: "let sum = 0;\nfor (const x of xs) sum = sum + x;\nreturn sum;",
        says: "",
      },
      { name: "not a program", wrong: "let sum = ;", says: "" },
      { name: "the same", wrong: "return xs[xs.length - 1] ?? 0;", says: "" },
      { name: "as the third", wrong: "return [0, ...xs].pop()!;", says: "" },
    ]);
    expect(complaints.map((text) => text.replace(/: notes.*/s, ": …"))).toMatchInlineSnapshot(`
      [
        "the mistake "none at all" passes all checks",
        "the mistake "not a program" cannot be run: …",
        "the check "of nothing it is 0" finds none of the listed mistakes",
        "the mistake "none at all" gives the same on all probes as the solution",
        "the mistake "not a program" does not come to its probes (load)",
        "the mistake "as the third" gives the same on all probes as "the same"",
      ]
    `);
  });

  it("writes the hash of the checks that it proved", async () => {
    await using it = await learner();
    const { learn } = it;
    const entry = learn.entry("list-reading");
    const { recorded } = await verifyExercise(learn, entry);
    expect(recorded.check).toBe(hashOf(learn.checksOf(entry)));
  });

  it("names the place of what does not parse", async () => {
    await using it = await learner();
    const { learn } = it;
    const bundling = learn.bundler.bundle(
      `import "./notes/learn/tests/sample/lists.ts";`,
      new Map([["notes/learn/tests/sample/lists.ts", "const x = 1;\nconst = 2;"]]),
    );
    await expect(bundling).rejects.toThrow(BundleError);
    await expect(bundling).rejects.toMatchObject({ file: "notes/learn/tests/sample/lists.ts", line: 2 });
  });
});

/** What has not passed, by exercise. */
const standings = (learn: Learn): Record<string, string> =>
  Object.fromEntries(
    learn.entries
      .map((entry) => [entry.exercise.id, learn.standing(entry)])
      .filter(([, standing]) => standing !== "passed"),
  );
