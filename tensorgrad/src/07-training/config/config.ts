import type { z } from "zod";
import { can, checked, expectArgument, expectPath, FormatError, hint } from "../../00-runtime/index.ts";
import { schemaAt } from "./schema-keys.ts";
import { type TrainingConfig, trainingSchema } from "./training-config.ts";
import { type Path, YamlFile } from "./yaml-file.ts";

/** Options of `loadConfig`. */
export interface ConfigOptions {
  /** From the command line: `["optimizer.lr=0.1"]`. Values are YAML; they count more than the file. */
  readonly overrides?: readonly string[];
}

/**
 * Reads a configuration from a YAML file: typed, with defaults filled in, and checked to the last key.
 *
 *   const config = loadConfig("mlp.yaml");                                  // the schema of training-config.ts
 *   const mine = loadConfig("mine.yaml", z.object({ depth: z.int() }), { overrides: ["depth=3"] });
 *
 * Throws    FormatError naming file, line, column and key: for no file, no YAML, cyclic or exploding aliases, keys that
 *           the schema does not know (with the nearest one that it does), values of another type or out of range
 */
export function loadConfig(path: string): TrainingConfig;
export function loadConfig(path: string, schema: undefined, options: ConfigOptions): TrainingConfig;
export function loadConfig<Schema extends z.ZodType>(
  path: string,
  schema: Schema,
  options?: ConfigOptions,
): z.output<Schema>;
export function loadConfig(
  path: string,
  schema: z.ZodType = trainingSchema,
  options: ConfigOptions = {},
): unknown {
  const { overrides = [] } = checked("loadConfig", options, ["overrides"]);
  expectPath("loadConfig", path);
  expectArgument(can(schema, "safeParse"), "loadConfig", "schema", schema, "a schema of zod");
  const call = `loadConfig(${path})`;
  const file = YamlFile.read(path, call);
  const changes = overrides.map((text) => parseOverride(text, call));
  const value = changes.reduce((config, change) => withChange(config, change, call), file.value);

  const { success, data, error } = schema.safeParse(value, { reportInput: true });
  const problems = success
    ? unknownKeys(value, data).map((where) => unknownKey(where, schema, value))
    : error.issues.flatMap((issue) => describe(issue, schema, value));
  if (problems.length === 0) return data;
  const lines = problems.slice(0, MOST_PROBLEMS).map(({ path: where, text }) => {
    const change = changes.findLast((one) => covers(one.path, where));
    return `${change ? `--set ${change.text}` : file.where(where)}: ${where.join(".") || "the file"}${text}`;
  });
  throw new FormatError(`${call}: ${lines.join("\n  ")}`);
}

const MOST_PROBLEMS = 10;

/** One thing wrong with a configuration. */
interface Problem {
  readonly path: Path;
  /** Continues the key's name. */
  readonly text: string;
}

/** An override, read. */
interface Change {
  readonly text: string;
  readonly path: Path;
  readonly value: unknown;
}

/** `optimizer.lr=0.1` → at ["optimizer", "lr"] the number 0.1. */
function parseOverride(text: string, call: string): Change {
  const equals = text.indexOf("=");
  const path = text.slice(0, Math.max(0, equals)).split(".");
  if (equals < 0 || path.some((key) => key === "" || key === "__proto__")) {
    throw new FormatError(`${call}: --set ${text} — expected key=value, such as optimizer.lr=0.1`);
  }
  const yaml = text.slice(equals + 1);
  return {
    text,
    path,
    value: yaml.trim() === "" ? null : new YamlFile(yaml, `${call}: --set ${text}`).value,
  };
}

/** A copy with another value at a path; objects on the way are made where there are none. */
function withChange(config: unknown, { text, path, value }: Change, call: string): unknown {
  if (path.length === 0) return value;
  const [key, ...rest] = path;
  const change = (below: unknown): unknown => withChange(below, { text, path: rest, value }, call);
  if (Array.isArray(config)) {
    const index = Number(key);
    if (Number.isInteger(index) && index >= 0 && index < config.length)
      return config.with(index, change(config[index]));
    throw new FormatError(
      `${call}: --set ${text}: ${key} in a list of ${config.length} — expected 0 to ${config.length - 1}`,
    );
  }
  if (config !== undefined && config !== null && typeof config !== "object") {
    throw new FormatError(
      `${call}: --set ${text}: ${key} in ${JSON.stringify(config)} — only objects and lists have keys`,
    );
  }
  const object = (config ?? {}) as Record<string, unknown>;
  return { ...object, [key]: change(Object.hasOwn(object, key) ? object[key] : undefined) };
}

/** Whether a mistake at `inner` was made by what was set at `outer`. */
const covers = (outer: Path, inner: Path): boolean =>
  outer.length <= inner.length && outer.every((key, i) => String(key) === String(inner[i]));

/** Keys that a schema without `strict` has silently dropped. */
function unknownKeys(given: unknown, taken: unknown, path: Path = []): Path[] {
  if (!isObject(given) || !isObject(taken) || Array.isArray(given) !== Array.isArray(taken)) return [];
  return Object.entries(given).flatMap(([key, value]): Path[] =>
    Object.hasOwn(taken, key) ? unknownKeys(value, taken[key], [...path, key]) : [[...path, key]],
  );
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null;

function describe(issue: z.core.$ZodIssue, schema: z.ZodType, config: unknown): Problem[] {
  const path = issue.path as Path;
  if (issue.code === "unrecognized_keys") {
    return issue.keys.map((key) => unknownKey([...path, key], schema, config));
  }
  const given = valueAt(config, path);
  if (given === undefined) {
    return [{ path, text: ` is missing — ${rule(issue)}` }];
  }
  return [{ path, text: ` is ${shown(given)} — ${rule(issue)}${hint(choices(issue), given)}` }];
}

function unknownKey(path: Path, schema: z.ZodType, config: unknown): Problem {
  const known = schemaAt(schema, path.slice(0, -1), config);
  const there = known.length ? `the keys here are ${known.join(", ")}` : "no keys are known here";
  return { path, text: ` is unknown — ${there}${hint(known, path.at(-1))}` };
}

/** The schema's own words, without what the message says anyway. */
function rule(issue: z.core.$ZodIssue): string {
  const options = choices(issue);
  if (options.length) return `expected one of ${options.join(", ")}`;
  if (issue.code === "invalid_union") {
    return [...new Set(issue.errors.flat().map((inner) => rule(inner)))].join(", or ");
  }
  return issue.message.replace(/^(Invalid input|Too small|Too big): /, "").replace(/, received .*$/, "");
}

const choices = (issue: z.core.$ZodIssue): string[] => {
  if (issue.code === "invalid_value") return issue.values.map(String);
  return "options" in issue && Array.isArray(issue.options) ? issue.options.map(String) : [];
};

const valueAt = (config: unknown, path: Path): unknown =>
  path.reduce<unknown>((value, key) => (isObject(value) ? value[key] : undefined), config);

/** JSON has no NaN. */
function shown(value: unknown): string {
  const text = typeof value === "number" ? String(value) : JSON.stringify(value);
  return text.length > 100 ? `${text.slice(0, 100)}…` : text;
}
