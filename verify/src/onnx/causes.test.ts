import { describe, expect, it } from "vitest";
import { causeOf } from "./causes.ts";
import { committedTable } from "./table.ts";

describe("the committed table of ONNX's tests", () => {
  const { open, total, passed, failed, unsupported } = committedTable();

  it("names every test that does not pass, with what is seen and why", () => {
    expect(Object.keys(open)).toHaveLength(failed + unsupported);
    expect(passed + failed + unsupported).toBe(total);
    expect(Object.keys(open).filter((test) => causeOf(test) === null)).toEqual([]);
    for (const [test, reason] of Object.entries(open)) expect(reason).toContain(`; cause: ${causeOf(test)}`);
  });
});
