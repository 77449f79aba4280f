import { expect, it } from "vitest";
import { undocumented } from "./api.ts";

it("every class, function, type and method that is exported says what it is", async () => {
  expect(await undocumented()).toEqual([]);
});
