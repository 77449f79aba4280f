import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";

it("ends with the same weights as two ranks and as one, up to the order of sums", {
  timeout: 120_000,
}, (context) => {
  const mpi = spawnSync("mpirun", ["--version"]).status === 0;
  if (process.env.TENSORGRAD_TEST_ALL) expect(mpi).toBe(true);
  if (!mpi) context.skip("mpirun does not run");
  const script = fileURLToPath(new URL("./train-mpi.ts", import.meta.url));
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    ["--import", "tsx", script, "--quick", "--seed", "4", "--json"],
    { encoding: "utf8" },
  );
  expect(status, stderr).toBe(0);
  const { weightsDifference, misses } = JSON.parse(stdout.trimEnd().split("\n").at(-1) ?? "") as {
    weightsDifference: number;
    misses: string[];
  };
  expect(misses).toEqual([]);
  expect(weightsDifference).toBeGreaterThan(0); // two trainings, not one
  expect(weightsDifference).toBeLessThan(1e-5);
});
