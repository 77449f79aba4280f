import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { scope } from "tensorgrad";
import ts from "typescript";
import { instanceOf, valuesFor } from "./option-values.ts";

const root = fileURLToPath(new URL("../../../", import.meta.url));
const NAME = "noSuchOption";
/** They check arguments of others: what they are given is not theirs. */
const CHECKS = ["checked", "expectArgument", "hint"];

/** A parameter that takes options: `conv2d(x, weight, bias, options)`. */
export interface OptionsParameter {
  readonly file: string;
  /** `conv2d`, `new Conv2d`, or `Trainer.fit`. */
  readonly call: string;
  /** The types of the parameters before it. */
  readonly before: readonly string[];
  readonly type: string;
}

export interface Answer extends Pick<OptionsParameter, "call" | "type"> {
  readonly refused: boolean;
  /** What the call said, where it did not name the option. */
  readonly said: string | null;
}

/** Every parameter of a public function, constructor or method that takes options, by the type checker. */
export function optionsParameters(): OptionsParameter[] {
  const entries = readdirSync(join(root, "tensorgrad/src/entries"), { recursive: true, encoding: "utf8" });
  const files = [
    ...entries
      .filter((file) => file.endsWith(".ts"))
      .map((file) => join(root, "tensorgrad/src/entries", file)),
    join(root, "verify/src/index.ts"),
    join(root, "micrograd/src/index.ts"),
  ];
  const { config } = ts.readConfigFile(join(root, "tsconfig.json"), ts.sys.readFile);
  const { options } = ts.parseJsonConfigFileContent(config, ts.sys, root);
  const program = ts.createProgram(files, {
    ...options,
    noEmit: true,
    incremental: false,
    skipLibCheck: true,
  });
  const checker = program.getTypeChecker();
  const seen = new Set<ts.Symbol>();
  return files.flatMap((file) => {
    const source = program.getSourceFile(file);
    const module = source && checker.getSymbolAtLocation(source);
    const exported = module ? checker.getExportsOfModule(module) : [];
    return exported
      .map((one) => (one.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(one) : one))
      .filter((one) => one.flags & ts.SymbolFlags.Value && !seen.has(one) && seen.add(one))
      .flatMap((one) => parametersOf(one, checker).map((found) => ({ file, ...found })));
  });
}

function parametersOf(symbol: ts.Symbol, checker: ts.TypeChecker): Omit<OptionsParameter, "file">[] {
  const type = checker.getTypeOfSymbol(symbol);
  const methods = symbol.flags & ts.SymbolFlags.Class ? [...(symbol.members?.values() ?? [])] : [];
  const calls: [string, readonly ts.Signature[]][] = [
    [symbol.name, type.getCallSignatures()],
    [`new ${symbol.name}`, type.getConstructSignatures()],
    ...methods
      .filter((method) => isPublic(method))
      .map((method): [string, readonly ts.Signature[]] => [
        `${symbol.name}.${method.name}`,
        checker.getTypeOfSymbol(method).getCallSignatures(),
      ]),
  ];
  if (CHECKS.includes(symbol.name)) return [];
  return calls.flatMap(([call, signatures]) =>
    signatures.flatMap(({ parameters }) => {
      const types = parameters.map((one) => checker.typeToString(checker.getTypeOfSymbol(one)));
      return parameters.flatMap((one, i) =>
        takesOptions(one, types[i], checker) ? [{ call, before: types.slice(0, i), type: types[i] }] : [],
      );
    }),
  );
}

function isPublic(method: ts.Symbol): boolean {
  const [declaration] = method.declarations ?? [];
  const hidden = ts.ModifierFlags.Private | ts.ModifierFlags.Protected;
  return (
    declaration !== undefined &&
    !/^(__|#)/.test(method.name) &&
    !(ts.getCombinedModifierFlags(declaration) & hidden)
  );
}

/** By its name or by that of its type; a record of any names takes any names, and `ErrorOptions` is the language's. */
function takesOptions(parameter: ts.Symbol, type: string, checker: ts.TypeChecker): boolean {
  const of = checker.getNonNullableType(checker.getTypeOfSymbol(parameter));
  const named = /^(options|given|how|search)$/.test(parameter.name);
  const typed =
    /(Options|Keep)(<.*>)?( \| undefined)?$/.test(type) ||
    (/^__\d+$/.test(parameter.name) && /^\{/.test(type));
  return (
    (named || typed) &&
    !/ErrorOptions/.test(type) &&
    !(of.flags & ts.TypeFlags.String) &&
    !checker.getIndexInfoOfType(of, ts.IndexKind.String)
  );
}

/** Calls it with right arguments before, and with one unknown name among the options. */
export async function answer(parameter: OptionsParameter): Promise<Answer> {
  const { call, before, type, file } = parameter;
  const module: Record<string, unknown> = await import(pathToFileURL(file).href);
  const given = { call, type };
  const args = await valuesFor(call, before);
  const said = await complaint(() => called(call, module, [...args, { [NAME]: 1 }]));
  const refused = said.includes(NAME);
  return { ...given, refused, said: refused ? null : said || "nothing: the name was accepted" };
}

type Callable = (new (...args: unknown[]) => unknown) & ((...args: unknown[]) => unknown);

async function called(call: string, module: Record<string, unknown>, args: unknown[]): Promise<unknown> {
  if (call.startsWith("new ")) return new (module[call.slice(4)] as Callable)(...args);
  const [name, method] = call.split(".");
  if (method === undefined) return (module[name] as Callable)(...args);
  const object = (await instanceOf(name)) as Record<string, Callable>;
  return object[method](...args);
}

async function complaint(call: () => unknown): Promise<string> {
  try {
    using _ = scope();
    const result = await call();
    if (typeof result === "object" && result !== null && Symbol.asyncIterator in result)
      await (result as AsyncIterable<unknown>)[Symbol.asyncIterator]().next();
    else if (typeof result === "object" && result !== null && "next" in result)
      (result as Iterator<unknown>).next();
    return "";
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/** Every options parameter with its answer; files that a call writes land in a folder that is deleted. */
export async function unknownOptions(): Promise<Answer[]> {
  const start = process.cwd();
  const folder = mkdtempSync(join(tmpdir(), "options-"));
  process.chdir(folder);
  try {
    const answers: Answer[] = [];
    for (const parameter of optionsParameters()) answers.push(await answer(parameter));
    return answers;
  } finally {
    process.chdir(start);
    rmSync(folder, { recursive: true, force: true });
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const answers = await unknownOptions();
  const accepted = answers.filter(({ refused }) => !refused);
  console.log(
    JSON.stringify({
      parameters: answers.length,
      refused: answers.length - accepted.length,
      accepted,
      calls: [...new Set(answers.map(({ call }) => call))].sort(),
    }),
  );
}
