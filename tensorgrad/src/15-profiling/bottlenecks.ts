import { showBytes } from "../00-runtime/index.ts";
import type { Ceilings } from "./ceilings.ts";
import type { Profile } from "./profile-result.ts";
import type { ProfileRow } from "./recorder.ts";
import { share, short } from "./table.ts";

/** A row is worth a sentence from this share of the time on. */
const WORTH = 0.08;
const MOST = 5;

/** `conv2: Convolution backward` */
export const nameOf = ({
  path,
  operation,
  phase,
}: Pick<ProfileRow, "path" | "operation" | "phase">): string =>
  `${path ? `${path}: ` : ""}${operation}${phase === "backward" ? " backward" : ""}`;

/** The longest rows, a sentence each; what passes between operations; and where the heap was fullest. */
export function bottlenecks(
  { rows, wallMs, operationsMs, peakBytes }: Profile,
  ceilings?: Ceilings,
): string[] {
  const large = rows.filter(({ ms }) => ms >= WORTH * wallMs).slice(0, MOST);
  const sentences = large.map(
    (row) =>
      `${share(row.ms, wallMs)} of the time is ${nameOf(row)}${ceilings ? `; ${limitOf(row, ceilings)}` : ""}.`,
  );
  const between = wallMs - operationsMs;
  if (between >= WORTH * wallMs)
    sentences.push(
      `${share(between, wallMs)} of the time passes between operations, in other code: in a training step, larger batches or fewer, larger operations would help.`,
    );
  const fullest = rows.reduce<ProfileRow | null>((a, b) => (a && a.peakBytes >= b.peakBytes ? a : b), null);
  if (fullest) sentences.push(`The heap is fullest, ${showBytes(peakBytes)}, around ${nameOf(fullest)}.`);
  return sentences;
}

/** What a row reaches of what holds it up: left of the ridge of the roofline that is memory, right of it arithmetic. */
function limitOf({ flops, bytesRead, bytesWritten, ms, calls }: ProfileRow, ceilings: Ceilings): string {
  const { bytesPerSecond, flopsPerSecond } = ceilings;
  const bytes = bytesRead + bytesWritten;
  if (bytes === 0)
    return `it moves nothing and computes nothing: ${short((1000 * ms) / calls)} µs a call are the call itself`;
  const [rate, bandwidth] = [(1000 * flops) / ms, (1000 * bytes) / ms];
  const best = Math.max(bytes / bytesPerSecond, flops / flopsPerSecond) * 1000;
  if (best < 0.1 * ms && ms / calls < 0.05)
    return `${short((1000 * ms) / calls)} µs a call for ${short((1000 * best) / calls)} µs of work: the calls cost more than the arithmetic`;
  const intensity = flops / bytes;
  const ridge = flopsPerSecond / bytesPerSecond;
  const of = `${short(intensity)} flops a byte, ridge at ${short(ridge)}`;
  return intensity < ridge
    ? `memory holds it up (${of}): ${short(bandwidth / 1e9)} GB/s, ${share(bandwidth, bytesPerSecond)} of a copy's rate`
    : `arithmetic holds it up (${of}): ${short(rate / 1e9)} GFLOP/s, ${share(rate, flopsPerSecond)} of a matrix product's rate`;
}
