import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "./markdown.ts";

/**
 * The kernels of the built package as files of their own, for browsers: `relaxed.wasm` and `baseline.wasm` lie beside their
 * embedded form, and a page loads one of them (`kernel-bytes.browser.ts`). The two numbers that it needs at once move to
 * `layout.js`, so that the embedded form is loaded only where a server lacks the file.
 */
const dist = join(root, "tensorgrad/dist");
const embedded = readFileSync(join(dist, "generated/kernels.js"), "utf8");

for (const [, level, base64] of embedded.matchAll(/^export const (\w+) = "([^"]+)";$/gm))
  writeFileSync(join(dist, `generated/${level}.wasm`), Buffer.from(base64, "base64"));

// As a type, each text would be there once more.
const types = join(dist, "generated/kernels.d.ts");
writeFileSync(types, readFileSync(types, "utf8").replaceAll(/ = "[^"]+";/g, ": string;"));

const numbers = embedded.split("\n").filter((line) => /^export const \w+ = \d+;$/.test(line));
writeFileSync(join(dist, "generated/layout.js"), `${numbers.join("\n")}\n`);

const loader = join(dist, "00-runtime/kernel-bytes.browser.js");
const code = readFileSync(loader, "utf8");
const led = code.replace(
  /^(import .* from )"\.\.\/generated\/kernels\.js";$/m,
  '$1"../generated/layout.js";',
);
if (numbers.length !== 2 || !led.includes("layout.js"))
  throw new Error(
    "kernel-files: kernel-bytes.browser.ts no longer imports two numbers from generated/kernels.ts",
  );
writeFileSync(loader, led);
