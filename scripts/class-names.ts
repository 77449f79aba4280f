import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/**
 * Minifiers rename classes, and then a model would print as `t(…)`, and a message would begin with `e: …`. So each built class
 * says its name itself: `static name = "Linear"`, which bundlers still drop together with a class that nobody uses.
 */
export const withClassNames = (code: string): string =>
  code.replace(
    /^((?:export )?(?:abstract )?class (\w+)\b[^\n]*\{)(\})?$/gm,
    (_, head: string, name: string, end = "") => `${head}\n    static name = "${name}";${end && `\n${end}`}`,
  );

function nameClasses(dist: string): void {
  for (const file of readdirSync(dist, { recursive: true, encoding: "utf8" })) {
    if (!file.endsWith(".js")) continue;
    const path = join(dist, file);
    const code = readFileSync(path, "utf8");
    if (!code.includes("static name = ")) writeFileSync(path, withClassNames(code));
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  for (const part of ["micrograd", "tensorgrad", "verify"])
    nameClasses(fileURLToPath(new URL(`../${part}/dist`, import.meta.url)));
}
