import { availableParallelism } from "node:os";
import { defineConfig } from "vitest/config";
import { BaseSequencer, type TestSpecification } from "vitest/node";
import { ownProcess } from "./scripts/test-projects.ts";

/** Whole programs (golden runs) and long agreement suites: everything that `npm run check` leaves to `npm test`. */
const slow = ["**/*.slow.test.ts"];
const skipped = ["**/node_modules/**", "**/dist/**"];
const alone = ownProcess(import.meta.dirname);

/** A minute and more each: begun first, so that no worker is left alone with one of them at the end. */
const longest = [
  "verify/src/table/cases.slow",
  "verify/src/parity/seeds.slow",
  "verify/src/mutants/mutants.slow",
  "examples/02-mlp.slow",
];

/** Files that share workers stand together, and last: a worker that has had another's file ends. */
const projects = ["slow", "alone", "quick"];

class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const place = ({ moduleId, project }: TestSpecification): number => {
      const i = longest.findIndex((name) => moduleId.includes(name));
      return i >= 0 ? i : longest.length + projects.indexOf(project.name);
    };
    return (await super.sort(files)).sort((a, b) => place(a) - place(b));
  }
}

export default defineConfig({
  resolve: { tsconfigPaths: true },
  test: {
    setupFiles: ["./scripts/property-seed.ts"],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    maxWorkers: availableParallelism(), // Vitest leaves one core idle: of two, that is half of them
    sequence: { sequencer: LongestFirst },
    projects: [
      {
        extends: true,
        test: {
          name: "quick",
          include: ["**/*.test.ts"],
          exclude: [...skipped, ...slow, ...alone],
          isolate: false,
          setupFiles: ["./scripts/shared-worker.ts"],
          globalSetup: ["./scripts/property-seed.ts"],
        },
      },
      { extends: true, test: { name: "alone", include: alone, exclude: skipped } },
      {
        extends: true,
        test: { name: "slow", include: slow, exclude: skipped, testTimeout: 600_000 },
      },
    ],
    coverage: {
      provider: "v8",
      include: ["micrograd/src/**/*.ts", "tensorgrad/src/**/*.ts", "verify/src/**/*.ts"],
      exclude: ["**/*.test.ts", "**/*.simd.ts", "**/*.fixture.ts", "**/test-support/**", "**/generated/**"],
      thresholds: { lines: 80 },
    },
  },
});
