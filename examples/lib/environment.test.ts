import { describe, expect, it } from "vitest";
import { environment } from "./environment.ts";

describe("environment", () => {
  it("tells when and on what", () => {
    const rows = Object.fromEntries(environment(new Date("2026-01-02T03:04:05Z")));
    expect(rows.date).toBe("2026-01-02 03:04 UTC");
    expect(rows.node).toContain(process.version);
  });
});
