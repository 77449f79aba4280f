import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { explained, messageAbout, type Said } from "./kinds.ts";

const log = JSON.parse(
  readFileSync(new URL("../../../notes/logs/fault-messages.json", import.meta.url), "utf8"),
) as { result: { planted: { share: number; missed: Said[]; count: number }; users: { share: number } } };

describe("messages about planted faults", () => {
  // All of them take a minute: the log is of all. Those of small rows are looked at anew.
  const some = explained.filter(({ name }) =>
    /^(sub|mul|neg|square|cos|expm1|clamp|flip|gather|exp2|sin|abs):/.test(name),
  );

  it("name the kind, where rows are small", () => {
    const found = some.map((mutant) => messageAbout(mutant));
    const missed = found.filter(({ named }) => !named).map(({ fault, kind, said }) => [fault, kind, said]);
    expect(some.length).toBeGreaterThan(10);
    expect(missed).toEqual([]);
  });

  it("name the kind of nine in ten in the log of all", () => {
    const { planted, users } = log.result;
    expect(planted.share).toBeGreaterThanOrEqual(0.9);
    expect(users.share).toBeGreaterThanOrEqual(0.9);
    expect(planted.count).toBeGreaterThanOrEqual(100);
  });
});
