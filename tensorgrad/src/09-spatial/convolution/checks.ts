import { ShapeError, show } from "../../00-runtime/index.ts";
import { isTensor, type Tensor } from "../../01-tensor/index.ts";

interface Expected {
  /** Channels that the filters ask of the images. */
  readonly channels: number;
  /** Numbers in the bias. */
  readonly outputs: number;
  readonly groups: number;
  /** The dims of one image, in words. */
  readonly image?: "H, W" | "T";
}

/**
 * Images, filters and bias that fit each other.
 *
 * Throws    TypeError for what is no tensor or of another dtype; ShapeError for ranks, channels and groups
 */
export function checkImages(
  call: string,
  x: Tensor,
  w: Tensor,
  b: Tensor | null,
  { channels, outputs, groups, image = "H, W" }: Expected,
): void {
  const rank = image === "T" ? 3 : 4;
  if (!isTensor(x)) {
    const given = Array.isArray(x) ? "a list" : x === null ? "null" : typeof x;
    throw new TypeError(
      `${call}: input is ${given} — expected a tensor [N, ${channels}, ${image}]; make one with tensor(…)`,
    );
  }
  if (x.rank !== rank) {
    const remedy = x.rank === rank - 1 ? "; a single one needs a batch dim: x.unsqueeze(0)" : "";
    throw new ShapeError(`${call}: expected input [N, ${channels}, ${image}], got ${show(x.shape)}${remedy}`);
  }
  if (x.shape[1] !== channels)
    throw new ShapeError(`${call}: ${wrongChannels(x.shape, w.shape, channels, groups)}`);
  if (b && (b.rank !== 1 || b.shape[0] !== outputs))
    throw new ShapeError(
      `${call}: bias ${show(b.shape)} for weight ${show(w.shape)} — one number per output channel, [${outputs}]`,
    );
  checkTypes(call, x, w, b);
}

/** Filters by themselves: before anything is computed from their sizes. */
export function checkFilters(call: string, w: Tensor, groups: number, form: string): void {
  const rank = form.split(",").length;
  if (!isTensor(w) || w.rank !== rank || w.size === 0) {
    const given = isTensor(w) ? show(w.shape) : w === null ? "null" : typeof w;
    throw new ShapeError(`${call}: weight ${given} — must be [${form}], each size 1 or more`);
  }
  if (w.shape[0] % groups !== 0)
    throw new ShapeError(
      `${call}: weight ${show(w.shape)} with groups ${groups} — its first size, ${w.shape[0]}, must divide evenly into the groups`,
    );
}

type Sizes = readonly number[];

function wrongChannels(x: Sizes, w: Sizes, channels: number, groups: number): string {
  const count = (n: number) => `${n} channel${n === 1 ? "" : "s"}`;
  const inGroups = groups > 1 ? ` with groups ${groups}` : "";
  const what = `input ${show(x)} has ${count(x[1])}, weight ${show(w)}${inGroups} expects ${channels}`;
  const rest = x.slice(2).map(() => "-1");
  if (x[1] === 1)
    return `${what} — the counts must be equal; a grey image can stand for every channel: x.expand(${[-1, channels, ...rest].join(", ")})`;
  const last = x.length === 4 && x[3] === channels;
  return `${what} — the counts must be equal${last ? "; channels come second here: x.permute(0, 3, 1, 2)" : ""}`;
}

function checkTypes(call: string, x: Tensor, w: Tensor, b: Tensor | null): void {
  if (x.dtype === w.dtype && w.isFloat && (!b || b.dtype === w.dtype)) return;
  const types = b && b.dtype !== w.dtype ? `weight ${w.dtype}, bias ${b.dtype}` : `weight ${w.dtype}`;
  const remedy = `x.to("${w.dtype}")${x.isFloat ? ` or model.to("${x.dtype}")` : ""}`;
  throw new TypeError(`${call}: input ${x.dtype}, ${types} — both must be the same; use ${remedy}`);
}
