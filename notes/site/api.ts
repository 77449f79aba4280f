import { readdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import {
  Application,
  Converter,
  type DeclarationReflection,
  type ProjectReflection,
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

/** All exports of all packages. */
async function read(app: Application): Promise<ProjectReflection> {
  const names = Object.keys(packages);
  app.converter.on(Converter.EVENT_RESOLVE_BEGIN, ({ project }) => {
    const modules = project.getReflectionsByKind(ReflectionKind.Module) as DeclarationReflection[];
    for (const [i, name] of names.entries()) modules[i].name = name;
  });
  const project = await app.convert();
  if (!project) throw new Error("api: the sources could not be read");
  return project;
}

/** What a reader of the reference looks for a sentence about. Fields have names and types. */
const SPOKEN =
  ReflectionKind.Class |
  ReflectionKind.Function |
  ReflectionKind.Interface |
  ReflectionKind.TypeAlias |
  ReflectionKind.Variable |
  ReflectionKind.Method |
  ReflectionKind.Accessor;

/**
 * Names in the reference without a sentence of their own. Not counted: what is inherited or made for an interface, which says it;
 * symbols; parts of a type within a type; micrograd, whose whole source is a page that one reads.
 */
export async function undocumented(): Promise<string[]> {
  const project = await read(await Application.bootstrap(options));
  const found = project.getReflectionsByKind(SPOKEN) as DeclarationReflection[];
  return found
    .filter((one) => !one.inheritedFrom && !one.overwrites && !one.implementationOf)
    .filter((one) => !one.name.startsWith("[") && one.parent?.name !== "__type")
    .filter(
      (one) => !says(one) && !one.signatures?.some(says) && !(one.getSignature && says(one.getSignature)),
    )
    .map((one) => one.getFullName())
    .filter((name) => !name.startsWith("micrograd."))
    .sort();
}

const says = (one: { hasComment(): boolean }): boolean => one.hasComment();

/** Writes the reference of all packages, pages of their own with their own search, to `api/` of the site. */
export async function buildReference(): Promise<void> {
  const app = await Application.bootstrap(options);
  const project = await read(app);
  await app.generateDocs(project, join(out, "api"));
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await buildReference();
