import { heap, median, scope, show, threads } from "../00-runtime/index.ts";
import { isTensor, type Tensor } from "../01-tensor/index.ts";
import { evaluating, Module } from "../03-layers/index.ts";
import { noGrad } from "../05-autograd/index.ts";
import { bytesOfModel, countParameters } from "../15-profiling/index.ts";
import { type EnergyMeter, energyMeter } from "./energy.ts";
import { type Machine, machine } from "./machine.ts";
import { interleaved, type RoundOptions } from "./rounds.ts";
import { bootstrap, type Interval, type Ratio, ratioOf } from "./statistics.ts";

/** What can be measured of a model. */
export const METRICS = ["accuracy", "latency", "throughput", "memory", "size", "energy"] as const;
/** What contenders are compared by. */
export type Metric = (typeof METRICS)[number];

/** Options of `Benchmark.compareModels`. */
export interface CompareOptions {
  readonly metrics?: readonly Metric[];
  /** What latency is measured with, as often one example; and memory. */
  readonly input?: Tensor;
  /** What throughput and energy are measured with: dim 0 counts examples. The input unless given. */
  readonly batch?: Tensor;
  /** A share or a score, more is better. */
  readonly accuracy?: (model: Module, name: string) => number | Promise<number>;
  /** One pass; `model.forward(x)` unless given. Of a language model, say, 20 tokens. */
  readonly run?: (model: Module, x: Tensor) => unknown;
}

/** What was measured of one model; what was not, is null. */
export interface ModelResult {
  readonly name: string;
  readonly accuracy: number | null;
  /** Milliseconds of one pass over the input. */
  readonly latency: Interval | null;
  /** Examples a second. */
  readonly throughput: Interval | null;
  /** Most bytes on the heap during a pass over the batch, the model's own included. */
  readonly memory: number | null;
  /** Bytes of parameters and buffers. */
  readonly size: number;
  readonly parameters: number;
  /** Joules an example; null where the machine does not report them. */
  readonly energy: Interval | null;
  /** Against the first model: how many times faster, round by round. */
  readonly speedup: Ratio | null;
  /** Milliseconds of every round. */
  readonly rounds: readonly number[];
}

/** What was measured of every contender, and on which machine. */
export interface Comparison {
  readonly machine: Machine;
  readonly metrics: readonly Metric[];
  readonly rounds: number;
  readonly results: readonly ModelResult[];
}

/** Options of `Benchmark`. */
export interface BenchmarkOptions {
  /** Interleaved rounds; 6 at least, for an interval. */
  readonly rounds?: number;
  readonly warmUp?: number;
  /** Replaced in tests. */
  readonly now?: () => number;
  readonly meter?: EnergyMeter | null;
}

type Models = Readonly<Record<string, Module>>;

/** Measures models against each other; see `Benchmark` for what is made of it. */
export async function compare(
  models: Models,
  options: CompareOptions,
  settings: Required<BenchmarkOptions>,
): Promise<Comparison> {
  const { metrics = ["accuracy", "latency", "memory"], input, batch = input } = options;
  check(models, options, metrics, settings);
  const wants = (metric: Metric): boolean => metrics.includes(metric);
  const { run = (model, x) => model.forward(x) } = options;
  const pass = (model: Module, x: Tensor) => () => {
    using _ = scope();
    noGrad(() => run(model, x));
  };
  const modes = Object.values(models).map((model) => evaluating(model));
  try {
    const latencies =
      wants("latency") && input ? await rounds(models, (model) => pass(model, input), settings) : null;
    const batches =
      (wants("throughput") || wants("energy")) && batch
        ? await metered(models, (model) => pass(model, batch), settings)
        : null;
    const results: ModelResult[] = [];
    for (const [name, model] of Object.entries(models)) {
      const timed = latencies ?? batches?.times ?? null;
      results.push({
        name,
        accuracy: wants("accuracy") && options.accuracy ? await options.accuracy(model, name) : null,
        latency: latencies && bootstrap(latencies[name]),
        throughput:
          wants("throughput") && batches && batch ? rateOf(batches.times[name], batch.shape[0]) : null,
        memory: wants("memory") && batch ? peakOf(model, pass(model, batch)) : null,
        ...{ size: bytesOfModel(model), parameters: countParameters(model) },
        energy:
          wants("energy") && batches?.joules && batch
            ? perExample(batches.joules[name], batch.shape[0])
            : null,
        speedup: timed && ratioOf(timed[Object.keys(models)[0]], timed[name]),
        rounds: timed?.[name] ?? [],
      });
    }
    return { machine: machine(threads().wanted), metrics, rounds: settings.rounds, results };
  } finally {
    for (const mode of modes) mode[Symbol.dispose]();
  }
}

const roundsOf = ({ rounds, warmUp, now }: Required<BenchmarkOptions>): RoundOptions => ({
  rounds,
  warmUp,
  now,
});

const rounds = (
  models: Models,
  passOf: (model: Module) => () => void,
  settings: Required<BenchmarkOptions>,
) => interleaved(mapped(models, passOf), roundsOf(settings));

/** With the joules of every round, where there is a meter. */
async function metered(
  models: Models,
  passOf: (model: Module) => () => void,
  settings: Required<BenchmarkOptions>,
) {
  const { meter } = settings;
  const joules = mapped(models, () => [] as number[]);
  const ways = Object.entries(models).map(([name, model]) => {
    const pass = passOf(model);
    if (!meter) return [name, pass] as const;
    const counted = () => {
      meter.joules();
      pass();
      joules[name].push(meter.joules());
    };
    return [name, counted] as const;
  });
  const times = await interleaved(Object.fromEntries(ways), roundsOf(settings));
  const counted = mapped(models, (_, name) => joules[name].slice(settings.warmUp));
  return { times, joules: meter ? counted : null };
}

const mapped = <T>(models: Models, of: (model: Module, name: string) => T): Record<string, T> =>
  Object.fromEntries(Object.entries(models).map(([name, model]) => [name, of(model, name)]));

const rateOf = (times: readonly number[], examples: number): Interval =>
  bootstrap(times, { statistic: (values) => (1000 * examples) / median(values) });

const perExample = (joules: readonly number[], examples: number): Interval =>
  bootstrap(joules.map((total) => total / examples));

function peakOf(model: Module, pass: () => void): number {
  const before = heap.live;
  heap.resetPeak();
  pass();
  return bytesOfModel(model) + heap.peak - before;
}

function check(
  models: Models,
  { input, accuracy }: CompareOptions,
  metrics: readonly Metric[],
  { rounds, warmUp }: Required<BenchmarkOptions>,
): void {
  const complaint = (what: string): TypeError => new TypeError(`compareModels: ${what}`);
  if (!(Number.isInteger(rounds) && rounds >= 6 && Number.isInteger(warmUp) && warmUp >= 0))
    throw new RangeError(
      `Benchmark: rounds = ${rounds}, warmUp = ${warmUp} — integers; an interval of 95 % needs 6 rounds or more`,
    );
  if (Object.keys(models).length === 0)
    throw complaint("no models — pass them by name: { float32: model, int8: quantized }");
  for (const [name, model] of Object.entries(models))
    if (!(model instanceof Module)) throw complaint(`"${name}" is ${model} — every model is a Module`);
  const unknown = metrics.filter((metric) => !METRICS.includes(metric));
  if (unknown.length > 0) throw complaint(`metrics ${unknown.join(", ")} — they are ${METRICS.join(", ")}`);
  if (metrics.includes("accuracy") && !accuracy)
    throw complaint(
      'metric "accuracy" without a way to find it — give { accuracy: (model) => a number }, or other metrics',
    );
  const timed = metrics.filter((metric) => metric !== "accuracy" && metric !== "size");
  if (timed.length > 0 && !isTensor(input))
    throw complaint(`${timed.join(", ")} without an input — give { input: a tensor, the batch first }`);
  if (input && input.rank === 0)
    throw complaint(`input ${show(input.shape)} — the first dim counts examples`);
}

export const settingsOf = ({
  rounds = 15,
  warmUp = 3,
  now = () => performance.now(),
  meter = energyMeter(),
}: BenchmarkOptions): Required<BenchmarkOptions> => ({ rounds, warmUp, now, meter });
