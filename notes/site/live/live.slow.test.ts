import { afterAll, beforeAll, describe } from "vitest";
import { attentionPage } from "./attention/page.fixture.ts";
import { boundaryPage } from "./boundary/page.fixture.ts";
import { compressionPage } from "./compression/page.fixture.ts";
import { convolutionPage } from "./convolution/page.fixture.ts";
import { gradientCheckPage } from "./gradient-check/page.fixture.ts";
import { executablePath, type Stage, stage } from "./lib/page.fixture.ts";
import { racePage } from "./race/page.fixture.ts";
import { stepperPage } from "./stepper/page.fixture.ts";
import { stridesPage } from "./strides/page.fixture.ts";

process.env.TENSORGRAD_BLAS = "off"; // its last bits are its own

const PATIENCE = 120_000;

/** Each page of the site by itself, in one browser (CHROMIUM=<path> names it). */
const PAGES = {
  stepper: stepperPage,
  "gradient-check": gradientCheckPage,
  boundary: boundaryPage,
  strides: stridesPage,
  race: racePage,
  attention: attentionPage,
  convolution: convolutionPage,
  compression: compressionPage,
} as const;

describe.skipIf(!executablePath)("live pages", { timeout: PATIENCE }, () => {
  let there: Stage;
  beforeAll(async () => {
    there = await stage(Object.keys(PAGES));
  }, PATIENCE);
  afterAll(() => there?.end());

  for (const [name, tests] of Object.entries(PAGES)) describe(name, () => tests(() => there));
});
