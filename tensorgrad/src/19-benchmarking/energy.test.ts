import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { energyMeter } from "tensorgrad/benchmarking";
import { afterAll, describe, expect, it } from "vitest";

const root = mkdtempSync(join(tmpdir(), "rapl-"));
afterAll(() => rmSync(root, { recursive: true }));

const zone = (name: string, microjoules: number): void => {
  mkdirSync(join(root, name), { recursive: true });
  writeFileSync(join(root, name, "energy_uj"), `${microjoules}\n`);
  writeFileSync(join(root, name, "max_energy_range_uj"), "10000000\n");
};

describe("energyMeter", () => {
  it("adds up what all packages have used since the last look, also when a counter begins anew", () => {
    zone("intel-rapl:0", 1_000_000);
    zone("intel-rapl:1", 9_000_000);
    zone("intel-rapl:0:0", 500); // a part of package 0: counted there
    const meter = energyMeter(root);
    zone("intel-rapl:0", 3_500_000);
    zone("intel-rapl:1", 500_000);
    expect(meter?.joules()).toBe(2.5 + 1.5);
    expect(meter?.joules()).toBe(0);
  });

  it("is null where there are no counters", () => {
    expect(energyMeter(join(root, "nothing"))).toBeNull();
  });
});
