import { transform } from "sucrase";

/** What a program may import, and how it is loaded. */
export type Modules = Readonly<Record<string, () => Promise<unknown>>>;

/** More lines than anybody reads: an endless loop that prints would fill the page. */
const MOST_LINES = 1000;

type Body = (require: (name: string) => unknown, console: Pick<Console, "log">) => Promise<void>;
const AsyncFunction = (async () => {}).constructor as new (...parts: readonly string[]) => Body;

/** Runs a TypeScript program whose imports are among `modules`. `print` gets what it logs. Types are left out, not checked. */
export async function runProgram(
  code: string,
  modules: Modules,
  print: (...values: readonly unknown[]) => void,
): Promise<void> {
  const plain = transform(code, { transforms: ["typescript", "imports"], disableESTransforms: true }).code;
  const loaded = new Map<string, unknown>();
  for (const [, name] of plain.matchAll(/\brequire\(['"]([^'"]+)['"]\)/g))
    loaded.set(name, await load(name, modules));
  const run = new AsyncFunction("require", "console", `const exports = {};\n${plain}`);
  let lines = 0;
  const log = (...values: readonly unknown[]): void => {
    if (++lines > MOST_LINES) throw new Error(`more than ${MOST_LINES} lines were printed`);
    print(...values);
  };
  await run((name) => loaded.get(name), { log });
}

async function load(name: string, modules: Modules): Promise<unknown> {
  const module = modules[name];
  if (!module)
    throw new Error(`import "${name}": not in a page — there are ${Object.keys(modules).join(", ")}`);
  return await module();
}
