import { availableParallelism } from "node:os";
import { defineConfig } from "vitest/config";
import { BaseSequencer, type TestSpecification } from "vitest/node";

/** Whole programs (golden runs) and long agreement suites: everything that `npm run check` leaves to `npm test`. */
const slow = ["**/*.slow.test.ts"];
const skipped = ["**/node_modules/**", "**/dist/**"];

/** A minute and more each: begun first, so that no worker is left alone with one of them at the end. */
const longest = [
  "verify/src/table/cases.slow",
  "verify/src/parity/seeds.slow",
  "verify/src/mutants/mutants.slow",
  "examples/02-mlp.slow",
];

class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const place = ({ moduleId }: TestSpecification): number => {
      const i = longest.findIndex((name) => moduleId.includes(name));
      if (i >= 0) return i;
      return longest.length + (moduleId.includes(".slow.test.") ? 0 : 1);
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
          exclude: [...skipped, ...slow],
          globalSetup: ["./scripts/property-seed.ts"],
        },
      },
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
