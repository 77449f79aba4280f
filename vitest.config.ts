import { defineConfig } from "vitest/config";

/** Whole programs (golden runs) and long agreement suites: everything that `npm run check` leaves to `npm test`. */
const slow = ["**/*.slow.test.ts"];
const skipped = ["**/node_modules/**", "**/dist/**"];

export default defineConfig({
  resolve: { tsconfigPaths: true },
  test: {
    setupFiles: ["./scripts/property-seed.ts"],
    testTimeout: 60_000,
    hookTimeout: 60_000,
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
        test: { name: "slow", include: slow, exclude: skipped, testTimeout: 600_000, fileParallelism: false },
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
