import { readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";

const folder = new URL("../src/entries/", import.meta.url);

/** One public name: `tensorgrad/nn` exports `Linear`. */
export interface Exported {
  readonly entry: string;
  readonly name: string;
  readonly value: unknown;
}

/** Every value that the package exports, once each, by the first entry that has it. */
export async function everyExport(): Promise<Exported[]> {
  const files = readdirSync(fileURLToPath(folder), { recursive: true, encoding: "utf8" })
    .map((file) => file.replaceAll("\\", "/"))
    .filter((file) => file.endsWith(".ts"))
    .sort((a, b) => Number(b === "index.ts") - Number(a === "index.ts") || (a < b ? -1 : 1));
  const found = new Map<unknown, Exported>();
  for (const file of files) {
    const exports: Record<string, unknown> = await import(/* @vite-ignore */ new URL(file, folder).href);
    const entry = `tensorgrad/${file.replace(/(index)?\.ts$/, "")}`.replace(/\/$/, "");
    for (const [name, value] of Object.entries(exports)) {
      if (!found.has(value)) found.set(value, { entry, name, value });
    }
  }
  return [...found.values()];
}
