import { readdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import {
  Application,
  Converter,
  type DeclarationReflection,
  ReflectionKind,
  type TypeDocOptions,
} from "typedoc";
import { out, root, site } from "./files.ts";

/** What users import, in the order of the track, and the file that it is. */
const packages: Readonly<Record<string, string>> = {
  micrograd: "micrograd/src/index.ts",
  ...Object.fromEntries(
    readdirSync(join(root, "tensorgrad/src/entries"), { recursive: true, encoding: "utf8" })
      .filter((file) => file.endsWith(".ts"))
      .map((file) => file.replaceAll("\\", "/"))
      .sort()
      .map((file) => [nameOf(file), `tensorgrad/src/entries/${file}`]),
  ),
  verify: "verify/src/index.ts",
  "verify/vitest": "verify/src/vitest.ts",
};

/** `train/node.ts` is what one imports as `tensorgrad/train/node`. */
function nameOf(file: string): string {
  return file === "index.ts" ? "tensorgrad" : `tensorgrad/${file.slice(0, -3)}`;
}

const options: TypeDocOptions = {
  name: "API reference",
  tsconfig: join(site, "tsconfig.api.json"),
  entryPoints: Object.values(packages).map((file) => join(root, file)),
  skipErrorChecking: true, // `npm run check` does it, with the compiler of this project
  disableSources: true, // their links would lead to a host
  excludePrivate: true,
  excludeInternal: true,
  includeHierarchySummary: false, // some of its links lead nowhere
  readme: "none",
  sort: ["kind", "alphabetical"],
  navigation: { includeGroups: false },
  navigationLinks: { "← Notes": "../index.html" },
  searchInComments: true,
  hideGenerator: true,
  logLevel: "Error",
  validation: false,
};

/** Writes the reference of all packages, pages of their own with their own search, to `api/` of the site. */
export async function buildReference(): Promise<void> {
  const app = await Application.bootstrap(options);
  const names = Object.keys(packages);
  app.converter.on(Converter.EVENT_RESOLVE_BEGIN, ({ project }) => {
    const modules = project.getReflectionsByKind(ReflectionKind.Module) as DeclarationReflection[];
    for (const [i, name] of names.entries()) modules[i].name = name;
  });
  const project = await app.convert();
  if (!project) throw new Error("api: the sources could not be read");
  await app.generateDocs(project, join(out, "api"));
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await buildReference();
