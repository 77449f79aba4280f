import { describe, expect, it } from "vitest";
import { findChromium } from "../notes/lib/chromium.ts";
import { checkBrowser } from "./browser-check.ts";

const chromium = findChromium();

describe.skipIf(!chromium)("in Chromium (CHROMIUM=<path> names it where it is not in PATH)", () => {
  it("training gives Node's numbers, bit for bit, on an isolated page and on a plain one", async () => {
    const [isolated, plain] = await checkBrowser(chromium ?? "");
    expect(isolated).toMatchObject({ isolated: true, differences: [] });
    expect(plain).toMatchObject({ isolated: false, differences: [] });
    expect(plain.first.shared).toBe(true);
    expect(plain.second.threads.working).toBe(1);
    expect(isolated.second.losses.at(-1)).toBeLessThan(0.01);
  });
});
