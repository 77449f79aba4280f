import { ShapeError, show } from "../../00-runtime/index.ts";
import type { Version } from "./version.ts";

const parts = ["inputs", "outputs", "weights"] as const;

/**
 * Whether one version may take the place of another while clients ask: it takes and gives the same. Parts that one of them
 * does not declare are not compared.
 *
 * Throws    ShapeError that names the first difference
 */
export function checkCompatible(next: Version, running: Version, call: string): void {
  const difference = parts.map((part) => differenceIn(part, next, running)).find((found) => found !== null);
  if (difference == null) return;
  throw new ShapeError(
    `${call}: version ${next.version} ${difference} in version ${running.version}, which is current — clients would get errors; ` +
      "add it under another name, or pass { newSchema: true } (--new-schema) once the clients know",
  );
}

function differenceIn(part: (typeof parts)[number], next: Version, running: Version): string | null {
  const [now, before] = [next.schema[part], running.schema[part]];
  if (now === null || before === null) return null;
  const word = part.slice(0, -1);
  for (const spec of now) {
    const other = before.find(({ name }) => name === spec.name);
    if (!other) return `has the ${word} ${JSON.stringify(spec.name)}; there is none`;
    if (said(other) !== said(spec)) return `has ${word} ${said(spec)}; it is ${said(other)}`;
  }
  const missing = before.find(({ name }) => !now.some((spec) => spec.name === name));
  return missing ? `lacks the ${word} ${said(missing)}; it is` : null;
}

const said = ({ name, dtype, shape }: { name: string; dtype: string; shape: readonly number[] }): string =>
  `${JSON.stringify(name)} ${dtype} ${show(shape)}`;
