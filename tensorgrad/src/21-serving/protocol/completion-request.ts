import { z } from "zod";
import type { TextModel } from "../engines/text.ts";
import { Refusal } from "../refusal.ts";

const id = z
  .int()
  .min(0)
  .max(2 ** 31 - 1); // what an Int32Array holds: a larger one would become another id
const MOST_PROMPTS = 256;
/** No token is longer; a text that is too long in any case is not cut into tokens first. */
const LONGEST_TOKEN = 256;
/** What is asked for and not built is refused, not ignored: only its neutral value is let through. */
const only = <T extends string | number | null>(...values: T[]) => z.literal(values).nullish();

const schema = z.strictObject({
  model: z.string().max(200),
  prompt: z.union(
    [
      z.string(),
      z.array(z.string()).min(1).max(MOST_PROMPTS),
      z.array(id),
      z.array(z.array(id)).min(1).max(MOST_PROMPTS),
    ],
    {
      error: "a text, a list of ids, or a list of up to 256 of either",
    },
  ),
  max_tokens: z.int().min(1).nullish(),
  temperature: z.number().min(0).max(2).nullish(),
  top_p: z.number().gt(0).max(1).nullish(),
  top_k: z.int().min(1).nullish(),
  min_p: z.number().min(0).max(1).nullish(),
  repetition_penalty: z.number().gt(0).max(10).nullish(),
  n: z.int().min(1).max(16).nullish(),
  seed: z.int().min(0).nullish(),
  stop: z
    .union([z.string().min(1).max(200), z.array(z.string().min(1).max(200)).max(4)], {
      error: "a text, or up to four of them, none empty, none longer than 200 characters",
    })
    .nullish(),
  stream: z.boolean().nullish(),
  stream_options: z.strictObject({ include_usage: z.boolean().optional() }).nullish(),
  echo: z.boolean().nullish(),
  user: z.string().nullish(),
  logprobs: only<null>(null),
  suffix: only("", null),
  best_of: only(1, null),
  presence_penalty: only(0, null),
  frequency_penalty: only(0, null),
  logit_bias: z.strictObject({}).nullish(),
});

/** A request for text, read and checked. */
export interface CompletionRequest {
  /** One for every answer: each prompt as often as it is to be continued. */
  readonly prompts: readonly { readonly ids: Int32Array; readonly text: string }[];
  /** Each prompt once. */
  readonly promptTokens: number;
  readonly maxTokens: number;
  readonly sampling: Readonly<Record<"temperature" | "topP", number>> &
    Partial<Readonly<Record<"topK" | "minP" | "repetitionPenalty", number>>>;
  readonly seed: number | null;
  readonly stops: readonly string[];
  readonly stream: boolean;
  readonly withUsage: boolean;
  readonly echo: boolean;
}

/** The model that is asked for, before anything else is read. */
export function modelOf(body: unknown): string {
  const model = (body as { model?: unknown } | null)?.model;
  if (typeof model === "string") return model;
  throw new Refusal(400, 'completions: no "model" — see /v1/models', { param: "model" });
}

/** Throws  Refusal 400 that names the field */
export function readCompletion(body: unknown, model: TextModel, mostTokens: number): CompletionRequest {
  const { success, data, error } = schema.safeParse(body);
  if (!success) throw refusalOf(error.issues[0]);
  const maxTokens = data.max_tokens ?? 16;
  const copies = data.n ?? 1;
  const given = promptsOf(data.prompt).map((prompt, i) => {
    const ids = idsOf(prompt, i, model);
    checkLength(ids.length, maxTokens, model);
    return { ids, text: typeof prompt === "string" ? prompt : model.tokenizer.decode(ids) };
  });
  const prompts = given.flatMap((one) => new Array<typeof one>(copies).fill(one));
  const all = prompts.length * maxTokens;
  if (all > mostTokens)
    throw new Refusal(
      400,
      `completions: ${prompts.length} answers of max_tokens = ${maxTokens} — at most ${mostTokens} tokens in one request`,
      { param: "max_tokens" },
    );
  return {
    prompts,
    promptTokens: given.reduce((sum, { ids }) => sum + ids.length, 0),
    maxTokens,
    sampling: {
      ...{ temperature: data.temperature ?? 1, topP: data.top_p ?? 1 },
      ...(data.top_k ? { topK: data.top_k } : {}),
      ...(data.min_p ? { minP: data.min_p } : {}),
      ...(data.repetition_penalty ? { repetitionPenalty: data.repetition_penalty } : {}),
    },
    seed: data.seed ?? null,
    stops: [data.stop ?? []].flat(),
    stream: data.stream ?? false,
    withUsage: data.stream_options?.include_usage ?? false,
    echo: data.echo ?? false,
  };
}

type Prompt = string | readonly number[];

function promptsOf(prompt: string | string[] | number[] | number[][]): readonly Prompt[] {
  if (typeof prompt === "string") return [prompt];
  return prompt.every((one) => typeof one === "number") ? [prompt as number[]] : (prompt as Prompt[]);
}

function idsOf(
  prompt: Prompt,
  i: number,
  { tokenizer, vocabSize, endToken, maxSeqLen }: TextModel,
): Int32Array {
  const refuse = (why: string) => new Refusal(400, `completions: prompt ${i}: ${why}`, { param: "prompt" });
  if (prompt.length > maxSeqLen * LONGEST_TOKEN)
    throw refuse(`${prompt.length} characters — the model reads at most ${maxSeqLen} tokens`);
  let ids: Int32Array;
  try {
    ids = typeof prompt === "string" ? tokenizer.encode(prompt) : Int32Array.from(prompt);
  } catch (error) {
    throw refuse(error instanceof Error ? error.message : String(error)); // a character that has no token
  }
  const wrong = ids.find((one) => one >= vocabSize);
  if (wrong !== undefined) throw refuse(`id ${wrong} — ids go from 0 to ${vocabSize - 1}`);
  if (ids.length > 0) return ids;
  if (endToken !== null) return Int32Array.of(endToken); // a new text begins where another has ended
  throw refuse("it is empty — the model continues what is there; begin with a line break");
}

function checkLength(length: number, maxTokens: number, { maxSeqLen, maxPositions }: TextModel): void {
  if (length > maxSeqLen)
    throw new Refusal(
      400,
      `completions: a prompt of ${length} tokens — the model reads at most ${maxSeqLen}`,
      { param: "prompt" },
    );
  if (maxPositions !== null && length + maxTokens > maxPositions)
    throw new Refusal(
      400,
      `completions: a prompt of ${length} tokens and max_tokens = ${maxTokens} — the model has ${maxPositions} positions for both`,
      { param: "max_tokens" },
    );
}

function refusalOf({ path, message, code, ...rest }: z.core.$ZodIssue): Refusal {
  const keys = code === "unrecognized_keys" ? (rest as { keys: string[] }).keys : [];
  const param = (keys[0] ?? path.join(".")) || null;
  const what = keys.length ? "this field is not known" : message.replace(/^Invalid input: /, "");
  return new Refusal(400, `completions: ${param ?? "the body"} — ${what}`, {
    param: param?.slice(0, 100) ?? null,
  });
}
