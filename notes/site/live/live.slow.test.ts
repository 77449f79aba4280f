import { afterAll, beforeAll, describe } from "vitest";
import { executablePath, type Stage, stage } from "./lib/page.fixture.ts";
import { stepperPage } from "./stepper/page.fixture.ts";

process.env.TENSORGRAD_BLAS = "off"; // its last bits are its own

const PATIENCE = 120_000;

/** Each page of the site by itself, in one browser (CHROMIUM=<path> names it). */
const PAGES = { stepper: stepperPage } as const;

describe.skipIf(!executablePath)("live pages", { timeout: PATIENCE }, () => {
  let there: Stage;
  beforeAll(async () => {
    there = await stage(Object.keys(PAGES));
  }, PATIENCE);
  afterAll(() => there?.end());

  for (const [name, tests] of Object.entries(PAGES)) describe(name, () => tests(() => there));
});
