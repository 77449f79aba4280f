import { expect, it } from "vitest";
import { unknownOptions } from "./unknown-options.ts";

it("an unknown name among the options is refused by every call that takes options", async () => {
  const answers = await unknownOptions();
  expect(answers.filter(({ refused }) => !refused)).toEqual([]);
  expect(answers.length).toBeGreaterThan(280);
}, 120_000);
