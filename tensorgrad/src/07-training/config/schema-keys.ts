import { z } from "zod";
import type { Path } from "./yaml-file.ts";

/** The keys that a schema knows at a path; none where it does not say. `config` decides between alternatives. */
export function schemaAt(schema: z.core.$ZodType, path: Path, config: unknown): string[] {
  const inner = unwrap(schema, config);
  if (path.length === 0) return inner instanceof z.ZodObject ? Object.keys(inner.shape) : [];
  const [key, ...rest] = path;
  const below =
    typeof config === "object" && config !== null ? (config as Record<string, unknown>)[key] : undefined;
  const next =
    inner instanceof z.ZodObject ? inner.shape[key] : inner instanceof z.ZodArray ? inner.element : undefined;
  return next ? schemaAt(next, rest, below) : [];
}

/** Without `optional`, `default` and the like; of alternatives the one that the value chooses. */
function unwrap(schema: z.core.$ZodType, config: unknown): z.core.$ZodType {
  if (schema instanceof z.ZodDiscriminatedUnion) {
    const { discriminator, options } = schema.def as unknown as {
      discriminator: string;
      options: z.ZodObject[];
    };
    // Before the value is known to be valid: a mistake beside the discriminator must still find its alternative.
    const name = (config as Record<string, unknown> | undefined)?.[discriminator];
    return (
      options.find((option) => (option.shape[discriminator] as z.ZodType).safeParse(name).success) ?? schema
    );
  }
  const { innerType } = schema._zod.def as { innerType?: z.core.$ZodType };
  return innerType ? unwrap(innerType, config) : schema;
}
