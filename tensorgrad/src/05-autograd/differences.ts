/**
 * A derivative with its own error bar.
 *
 * Central differences lose to truncation when the step is large and to rounding when it is small. Ridders' table starts
 * large, shrinks the step level by level, extrapolates to step zero and keeps the entry that its neighbours contradict
 * least. That disagreement is the error estimate; a second, measured one says how noisy the function itself is. An
 * alarm is a difference that neither explains, so no tolerance has to be guessed.
 *
 * Source: C. J. F. Ridders 1982, Accurate computation of F′(x) and F′(x)·F″(x), Advances in Engineering Software 4(2).
 */

/** One evaluation. `branch` names the side of every kink that was taken: equal numbers, equal smooth piece. */
export interface Sample {
  readonly value: number;
  readonly branch: number;
}

/** A function of one variable, differentiated at 0. A plain number means "no kinks". */
export type Curve = (t: number) => number | Sample;

/** How a derivative is found by differences. */
export interface RiddersOptions {
  /** Size of the argument over which the curve changes noticeably; the first step is 0.02 · scale. */
  readonly scale?: number;
  /** Overrides the first step. */
  readonly step?: number;
  readonly levels?: number;
  /** Sees each row of the table, from the largest step on: the plain difference, then its extrapolations. */
  readonly onRow?: (row: readonly number[], step: number) => void;
}

/** A derivative found by differences, and how far it can be trusted. */
export interface Derivative {
  readonly value: number;
  /** The table's own estimate of its truncation error. */
  readonly error: number;
  /** Rounding of the curve itself, carried through to the derivative. */
  readonly noise: number;
  /** The first step after halving; 0 when no step keeps both ends on the centre's piece. */
  readonly step: number;
  readonly evaluations: number;
}

/** Whether a gradient agrees with differences, and by how much it is off. */
export interface Verdict {
  readonly agrees: boolean;
  /** True when 0 is (nearly) a kink or not in the curve's domain: nothing was compared. */
  readonly kink: boolean;
  readonly numeric: number;
  /** The largest difference that would have passed. */
  readonly allowed: number;
  readonly evaluations: number;
}

const RATIO = 1.6;
const LEVELS = 10;
const START = 0.02;
/** An alarm is a difference of ten error bars … */
const ALARM = 10;
/** … seen again by a ladder whose steps share none of the first one's. */
const SECOND_LADDER = 2.7;
/** Below this fraction of the scale rounding drowns the derivative, so the point counts as a kink. */
const SMALLEST_STEP = 1e-6;
const NOISE_SPACINGS = [1e-9, 3e-8, 1e-6];
const NOISE_POINTS = [-4.3, -3.1, -1.9, -1.2, 0, 0.8, 2.1, 2.9, 4.2];

/** The curve's derivative at 0 by Ridders' table: 2 · levels + 9 evaluations at most, except on flat curves; about 23 on average. */
export function derivative(curve: Curve, options: RiddersOptions = {}): Derivative {
  const { scale = 1, levels = LEVELS, onRow = () => {} } = options;
  const probe = counted(curve);
  const centre = probe.at(0);
  const step = stepOnOnePiece(probe, centre.branch, options.step ?? START * scale, SMALLEST_STEP * scale);
  if (step === 0) return { value: Number.NaN, error: 0, noise: 0, step, evaluations: probe.count() };
  const rounding = measuredRounding(probe, centre, scale);
  const best = extrapolate(probe, step, levels, rounding, onRow);
  return { ...best, step, evaluations: probe.count() };
}

/**
 * Whether `analytic` is the curve's derivative at 0. `slack` is the rounding error of `analytic` itself. An alarm has to
 * be raised by two ladders; a difference that is not a number always is one.
 */
export function agrees(curve: Curve, analytic: number, slack = 0, options: RiddersOptions = {}): Verdict {
  const first = derivative(curve, options);
  const verdict = judge(first, analytic, slack);
  if (verdict.agrees || verdict.kink) return verdict;
  const second = judge(derivative(curve, { ...options, step: first.step / SECOND_LADDER }), analytic, slack);
  const evaluations = verdict.evaluations + second.evaluations;
  return second.agrees && !second.kink ? { ...second, evaluations } : { ...verdict, evaluations };
}

/** The slopes to the left and to the right of 0; at a kink they bracket every subgradient of a function of one variable. */
export function oneSided(curve: Curve, step = 1e-7): { left: number; right: number; error: number } {
  const at = (t: number) => sample(curve, t).value;
  const [centre, left, right] = [at(0), at(-step), at(step)];
  const size = Math.max(Math.abs(centre), Math.abs(left), Math.abs(right), 1);
  // Curvature over one step, and the rounding of two values of this size.
  const error = size * (10 * step + (4 * Number.EPSILON) / step);
  return { left: (centre - left) / step, right: (right - centre) / step, error };
}

/** Whether the curve has a kink at 0, and the slope is one of those between both of its sides. */
export function bendsAt(curve: Curve, slope: number): boolean {
  const { left, right, error } = oneSided(curve);
  const [low, high] = [Math.min(left, right), Math.max(left, right)];
  return high - low > 2 * error && slope >= low - error && slope <= high + error;
}

/**
 * Where the curve has a corner, nearer to 0 than `edge`; null where it is smooth. On nine points a smooth curve bends about as
 * much everywhere, one with a corner beside one of them.
 */
export function cornerNear(curve: Curve, edge: number): number | null {
  const h = edge / 4;
  const y = Array.from({ length: 9 }, (_, i) => sample(curve, h * (i - 4)).value);
  if (!y.every(Number.isFinite)) return null;
  const bends = y.slice(1, 8).map((middle, i) => Math.abs(y[i] - 2 * middle + y[i + 2]));
  const [largest, , third] = bends.sort((a, b) => b - a);
  if (largest <= 20 * third + 1e-10 * Math.max(1, ...y.map(Math.abs))) return null;
  const [left, right] = [(y[1] - y[0]) / h, (y[8] - y[7]) / h];
  const at = (y[0] + left * edge - (y[8] - right * edge)) / (right - left); // where the two lines meet
  return Math.abs(at) <= edge ? at : null;
}

function judge(d: Derivative, analytic: number, slack: number): Verdict {
  const kink = d.step === 0;
  const allowed = ALARM * (d.error + d.noise + slack);
  // Written so that NaN on either side disagrees.
  const same = kink || Math.abs(d.value - analytic) <= allowed;
  return { agrees: same, kink, numeric: d.value, allowed, evaluations: d.evaluations };
}

interface Probe {
  at(t: number): Sample;
  count(): number;
}

/** Remembers values, for the ladder and the search for its first step visit the same points. */
function counted(curve: Curve): Probe {
  const seen = new Map<number, Sample>();
  return {
    at(t) {
      const s = seen.get(t) ?? sample(curve, t);
      seen.set(t, s);
      return s;
    },
    count: () => seen.size,
  };
}

function sample(curve: Curve, t: number): Sample {
  const s = curve(t);
  return typeof s === "number" ? { value: s, branch: 0 } : s;
}

/** Halves h until both ends are finite and take the centre's branches; 0 if none above `smallest` does. */
function stepOnOnePiece(probe: Probe, branch: number, first: number, smallest: number): number {
  const onPiece = (t: number) => {
    const s = probe.at(t);
    return s.branch === branch && Number.isFinite(s.value);
  };
  if (!onPiece(0)) return 0;
  for (let h = first; h >= Math.min(smallest, first); h /= 2) {
    // The inner points guard against a piece that is left and entered again between the centre and the ends.
    if ([h, -h, h / RATIO ** 2, -h / RATIO ** 2].every(onPiece)) return h;
  }
  return 0;
}

/**
 * Standard deviation of one evaluation's rounding, from second differences of nine values so close together that a
 * smooth curve has none. They are spaced unevenly, or a curve whose rounding steps are a multiple of the spacing would
 * look straight. Nine equal values say nothing (where eight digits cancel, the curve is a staircase with steps wider
 * than all nine), so they are asked again further apart.
 */
function measuredRounding(probe: Probe, centre: Sample, scale: number): number {
  // A flat curve rounds to the same value nine times; it is still off by half a unit in the last place.
  const least = (Number.EPSILON / 2) * Math.abs(centre.value);
  for (const spacing of NOISE_SPACINGS) {
    const values = NOISE_POINTS.map((point) => {
      const s = probe.at(point * spacing * scale);
      return s.branch === centre.branch ? s.value : centre.value;
    });
    if (values.some((value) => value !== centre.value)) return Math.max(bend(values), least);
  }
  return least;
}

/** Largest distance of a value from the line through its neighbours, in standard deviations of one value. */
function bend(values: readonly number[]): number {
  let worst = 0;
  for (let k = 1; k + 1 < values.length; k++) {
    const [a, b, c] = [NOISE_POINTS[k - 1], NOISE_POINTS[k], NOISE_POINTS[k + 1]];
    const weight = (b - a) / (c - a);
    const residual = values[k] - (1 - weight) * values[k - 1] - weight * values[k + 1];
    worst = Math.max(worst, Math.abs(residual) / Math.sqrt(1 + (1 - weight) ** 2 + weight ** 2));
  }
  return worst;
}

function extrapolate(
  probe: Probe,
  step: number,
  levels: number,
  rounding: number,
  onRow: Required<RiddersOptions>["onRow"],
) {
  const slope = (h: number) => (probe.at(h).value - probe.at(-h).value) / (2 * h);
  let best = { value: Number.NaN, error: Number.POSITIVE_INFINITY, noise: 0 };
  let above = [slope(step)];
  onRow(above, step);
  let change = Number.POSITIVE_INFINITY;
  for (let level = 1, h = step / RATIO; level < levels; level++, h /= RATIO) {
    const row = [slope(h)];
    const noise = (2 * rounding) / h;
    for (let m = 1; m <= level; m++) {
      const factor = RATIO ** (2 * m);
      const entry = (factor * row[m - 1] - above[m - 1]) / (factor - 1);
      const disagreement = Math.max(Math.abs(entry - row[m - 1]), Math.abs(entry - above[m - 1]));
      // Two neighbours can agree by accident; the level before them has to be nearly as quiet.
      const error = Math.max(disagreement, change / 10);
      if (error + noise < best.error + best.noise) best = { value: entry, error, noise };
      row.push(entry);
    }
    onRow(row, h);
    const lastChange = Math.abs(row[level] - above[level - 1]);
    // Smaller steps only add rounding once the table is below it, or once its diagonal has turned away.
    if (best.error <= best.noise / 10 || lastChange > 2 * change) break;
    change = lastChange;
    above = row;
  }
  return best;
}
