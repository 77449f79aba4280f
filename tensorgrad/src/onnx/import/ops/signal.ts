import { stack, type Tensor } from "../../../01-tensor/index.ts";
import { int } from "../attributes.ts";
import { type Family, op } from "../operator.ts";
import { dimIn, floatOf, hostNumbers, numberIn, tensorOf, type Value } from "../values.ts";
import { elementType } from "./make.ts";

/** cos and sin of 2π·k·n/N as matrices [N, bins]. */
function waves(like: Tensor, N: number, bins: number): [Tensor, Tensor] {
  const angle = (n: number, k: number) => (2 * Math.PI * ((n * k) % N)) / N;
  const table = (fn: (x: number) => number) =>
    like.newFrom(
      Float64Array.from({ length: N * bins }, (_, i) => fn(angle(Math.floor(i / bins), i % bins))),
      [N, bins],
    );
  return [table(Math.cos), table(Math.sin)];
}

/** Real and imaginary part of a signal whose last dim is 1 (real) or 2; products with matrices, so gradients flow. */
function fourier(
  x: Tensor,
  dim: number,
  length: number | undefined,
  inverse: number,
  onesided: number,
): Tensor {
  const N = length ?? x.shape[dim];
  const at = x.shape[dim];
  const sized = N <= at ? x.narrow(dim, 0, N) : padEnd(x, dim, N - at);
  const bins = onesided ? Math.floor(N / 2) + 1 : N;
  const [cos, sin] = waves(x, N, bins);
  const along = (t: Tensor, m: Tensor) => t.transpose(dim, -1).matmul(m).transpose(dim, -1);
  const real = sized.select(-1, 0);
  const imaginary = x.shape.at(-1) === 2 ? sized.select(-1, 1) : null;
  const sign = inverse ? 1 : -1; // e^(±iωn)
  const re = along(real, cos);
  const im = along(real, sin).mul(sign);
  const whole = imaginary
    ? [re.sub(along(imaginary, sin).mul(sign)), im.add(along(imaginary, cos))]
    : [re, im];
  const y = stack(whole, -1);
  return inverse ? y.div(N) : y;
}

const padEnd = (x: Tensor, dim: number, count: number): Tensor =>
  x.pad(x.shape.flatMap((_, d) => (d === dim ? [count, 0] : [0, 0])).reverse());

/** Overlapping frames of a signal [B, T, 1], each weighted by a window and transformed. */
function shortTime(
  signal: Tensor,
  step: number,
  window: Tensor | null,
  length: number,
  onesided: number,
): Tensor {
  const [B, T] = signal.shape;
  const count = Math.floor((T - length) / step) + 1;
  if (count < 1)
    throw new RangeError(`frames of ${length} of a signal of ${T} — a frame is no longer than the signal`);
  const places = Int32Array.from(
    { length: count * length },
    (_, i) => Math.floor(i / length) * step + (i % length),
  );
  const frames = signal.indexSelect(1, signal.newFrom(places, [places.length], "int32"));
  const shaped = frames.reshape([B, count, length, signal.shape[2] ?? 1]);
  return fourier(window ? shaped.mul(window.reshape([length, 1])) : shaped, 2, undefined, 0, onesided);
}

/** Σ cₖ·cos(2πkn/N) with signs that alternate: windows that fade at their ends. */
const cosineWindow = (...terms: number[]) =>
  op(17, "size", { output_datatype: int(1), periodic: int(1) }, ([size], { output_datatype, periodic }) => {
    const n = numberIn(size);
    const N = periodic ? n : n - 1;
    const numbers = Float64Array.from({ length: n }, (_, i) =>
      terms.reduce((sum, c, k) => sum + (k % 2 ? -c : c) * Math.cos((2 * Math.PI * k * i) / N), 0),
    );
    return hostNumbers(elementType(output_datatype), [n], numbers);
  });

const mel = (hz: number): number => 2595 * Math.log10(1 + hz / 700);
const hertz = (mel: number): number => 700 * (10 ** (mel / 2595) - 1);

/** Triangles that sum the bins of a spectrum as ears do. */
function melWeights([bins, length, rate, low, high]: readonly Value[], dtype: number): Value {
  const [M, N, sampleRate] = [bins, length, rate].map(numberIn);
  const [from, to] = [low, high].map((edge) => mel(numberIn(edge)));
  const spectrum = Math.floor(N / 2) + 1;
  const step = (to - from) / (M + 2);
  const edges = Array.from({ length: M + 2 }, (_, i) =>
    Math.floor(((N + 1) * hertz(i * step + from)) / sampleRate),
  );
  const weights = new Float64Array(spectrum * M);
  for (let m = 0; m < M; m++) {
    const [start, centre, end] = edges.slice(m, m + 3);
    if (start === centre) weights[centre * M + m] = 1;
    for (let i = start; start < centre && i <= centre; i++)
      weights[i * M + m] = (i - start) / (centre - start);
    for (let i = centre; i < end; i++) weights[i * M + m] = (end - i) / (end - centre);
  }
  return hostNumbers(elementType(dtype), [spectrum, M], weights);
}

/** Signals and their spectra. */
export const signal: Family = {
  DFT: [
    op(17, "input dft_length?", { axis: int(1), inverse: int(0), onesided: int(0) }, ([x, length], a) => {
      const t = floatOf(x);
      return fourier(t, dimIn(a.axis, t.rank), length ? numberIn(length) : undefined, a.inverse, a.onesided);
    }),
    op(20, "input dft_length? axis?", { inverse: int(0), onesided: int(0) }, ([x, length, axis], a) => {
      const t = floatOf(x);
      const dim = dimIn(axis ? numberIn(axis) : -2, t.rank);
      return fourier(t, dim, length ? numberIn(length) : undefined, a.inverse, a.onesided);
    }),
  ],
  STFT: [
    op(
      17,
      "signal frame_step window?= frame_length?",
      { onesided: int(1) },
      ([x, step, window, length], a) => {
        const t = floatOf(x);
        const w = window ? tensorOf(window, t) : null;
        const size = length ? numberIn(length) : (w?.size ?? 0);
        return shortTime(t, numberIn(step), w, size, a.onesided);
      },
    ),
  ],
  HannWindow: [cosineWindow(0.5, 0.5)],
  HammingWindow: [cosineWindow(25 / 46, 21 / 46)],
  BlackmanWindow: [cosineWindow(0.42, 0.5, 0.08)],
  MelWeightMatrix: [
    op(
      17,
      "num_mel_bins dft_length sample_rate lower_edge_hertz upper_edge_hertz",
      { output_datatype: int(1) },
      (x, a) => melWeights(x, a.output_datatype),
    ),
  ],
};
