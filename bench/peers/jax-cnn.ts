/**
 * A training step of the convolutional network in jax-js, lowered by hand: its own convolution did not end within a minute.
 * Images lie channels last; a convolution is one product of all that the filters see, and the rules of both are written out.
 * Every stage is a jitted function of its own. As one jitted function, jax-js lowers the image anew for every number of the
 * product, and a step takes longer than a minute.
 */
import type { Work } from "../cases.ts";
import { classes, floats, weights } from "../contenders/inputs.ts";
import type { Workload } from "../serve.ts";
import { array, jax, type Value } from "./jax-words.ts";

const { numpy: np, nn } = jax;

const TAPS = [0, 1, 2].flatMap((k) => [0, 1, 2].map((l) => [k, l] as const));

const product = jax.jit((x: Value, w: Value, b: Value) => np.matmul(x, w).add(b));
const ofColumns = jax.jit((x: Value, g: Value) => np.matmul(x.transpose(), g));
const ofTransposed = jax.jit((g: Value, w: Value) => np.matmul(g, w.transpose()));
const sumOfRows = jax.jit((g: Value) => g.sum(0));
const velocity = jax.jit((m: Value, g: Value) => m.mul(0.9).add(g));
const moved = jax.jit((p: Value, m: Value) => p.sub(m.mul(1e-3)));

/** The gradients of h, w and b: the mean cross-entropy of a linear layer. y is one-hot, divided by the batch. */
const head = jax.jit(
  jax.grad(([h, w, b]: Value[], y: Value) => nn.logSoftmax(np.matmul(h, w).add(b)).mul(y).sum().mul(-1)),
);

/** Convolution 3×3, pooling by windows of 2×2, ReLU: images [N, H, H, C] → [N, H/2, H/2, O]. */
function block(N: number, H: number, C: number, O: number) {
  const windows = [N, H / 2, 2, H / 2, 2, O];
  const pooled = [N, H / 2, 1, H / 2, 1, O];
  const lower = jax.jit((x: Value) => {
    const padded = np.pad(x, [[0, 0], [1, 1], [1, 1], [0, 0]]); // biome-ignore format: one row
    const taps = TAPS.map(([k, l]) => padded.ref.slice([], [k, k + H], [l, l + H], []));
    padded.dispose();
    return np.concatenate(taps, 3).reshape([N * H * H, 9 * C]);
  });
  /** Gradients of what the filters saw, added up where it was taken from. */
  const raise = jax.jit((rows: Value) => {
    const all = rows.reshape([N, H, H, 9 * C]);
    const parts = TAPS.map(
      ([k, l], t) =>
      np.pad(all.ref.slice([], [], [], [t * C, (t + 1) * C]), [[0, 0], [k, 2 - k], [l, 2 - l], [0, 0]]), // biome-ignore format: one row
    );
    all.dispose();
    return parts.reduce((sum, part) => sum.add(part)).slice([], [1, H + 1], [1, H + 1], []);
  });
  const pool = jax.jit((y: Value) => nn.relu(np.max(y.reshape(windows), [2, 4])));
  /** The gradient of y: where a window's largest stands, if it is positive. */
  const spread = jax.jit((y: Value, h: Value, g: Value) => {
    const best = h.reshape(pooled);
    const wins = np.equal(y.reshape(windows), best.ref);
    const passed = np.where(np.greater(best, 0), g.reshape(pooled), 0);
    return np.where(wins, passed, 0).reshape([N * H * H, O]);
  });
  return { lower, raise, pool, spread };
}

export function cnn({ widths, batch }: Extract<Work, { kind: "cnn" }>, repeat: number): Workload {
  const channels = [3, ...widths];
  const blocks = widths.map((O, i) => block(batch, 32 >> i, channels[i], O));
  const shapes = [...widths.map((O, i) => [9 * channels[i], O]), [widths[2] * 16, 10]];
  let p = shapes.flatMap(([n, m]) => [array(weights(n, m), n, m), np.zeros([m])]);
  let m = shapes.flatMap(([rows, cols]) => [np.zeros([rows, cols]), np.zeros([cols])]);
  const x = array(floats(batch * 3072), batch, 32, 32, 3);
  const oneHot = new Float32Array(batch * 10);
  classes(batch).forEach((target, row) => {
    oneHot[row * 10 + target] = 1 / batch;
  });
  const y = array(oneHot, batch, 10);

  function gradients(): Value[] {
    const saved: { rows: Value; y: Value; h: Value }[] = [];
    let h = x.ref;
    for (const [i, { lower, pool }] of blocks.entries()) {
      const rows = lower(h);
      const whole = product(rows.ref, p[2 * i].ref, p[2 * i + 1].ref);
      h = pool(whole.ref);
      saved.push({ rows, y: whole, h: h.ref });
    }
    const flat = h.reshape([batch, widths[2] * 16]);
    let [g, ...found] = head([flat, p[6].ref, p[7].ref], y.ref);
    for (let i = 2; i >= 0; i--) {
      const { rows, y: whole, h: out } = saved[i];
      const gy = blocks[i].spread(whole, out, g);
      found = [ofColumns(rows, gy.ref), sumOfRows(gy.ref), ...found];
      if (i > 0) g = blocks[i].raise(ofTransposed(gy, p[2 * i].ref));
      else gy.dispose();
    }
    return found;
  }
  return {
    run: async () => {
      for (let i = 0; i < repeat; i++) {
        const g = gradients();
        m = m.map((one, k) => velocity(one, g[k]));
        p = p.map((one, k) => moved(one, m[k].ref));
        await jax.blockUntilReady([p, m]);
      }
    },
    dispose: () => {
      for (const value of [...p, ...m, x, y]) value.dispose();
    },
  };
}
