import { stack, type Tensor } from "../../../01-tensor/index.ts";
import { float, int, text } from "../attributes.ts";
import { type Family, op } from "../operator.ts";
import { floatOf, hostNumbers, intsOf, numberIn, numbersOf, shapeOf, type Value } from "../values.ts";

/** Corners of a box, whichever way it is written. */
function cornersOf(box: ArrayLike<number>, at: number, centred: number): [number, number, number, number] {
  const [a, b, c, d] = [box[at], box[at + 1], box[at + 2], box[at + 3]];
  if (centred) return [b - d / 2, a - c / 2, b + d / 2, a + c / 2]; // x, y, width, height
  return [Math.min(a, c), Math.min(b, d), Math.max(a, c), Math.max(b, d)];
}

type Box = readonly [number, number, number, number];

const areaOf = ([y0, x0, y1, x1]: Box): number => Math.max(0, y1 - y0) * Math.max(0, x1 - x0);

/** How much of two boxes they share. */
function overlap(a: Box, b: Box): number {
  const shared = areaOf([
    Math.max(a[0], b[0]),
    Math.max(a[1], b[1]),
    Math.min(a[2], b[2]),
    Math.min(a[3], b[3]),
  ]);
  const all = areaOf(a) + areaOf(b) - shared;
  return all > 0 ? shared / all : 0;
}

/** The best boxes of every class that do not cover each other: [batch, class, box] each. */
function suppressed([boxes, scores, most, iou, least]: readonly Value[], centred: number): Value {
  const [N, B] = shapeOf(boxes);
  const classes = shapeOf(scores)[1];
  const [all, numbers] = [numbersOf(boxes), numbersOf(scores)];
  const limit = most ? numberIn(most) : 0;
  const [maximal, minimal] = [iou ? numberIn(iou) : 0, least ? numberIn(least) : -Infinity];
  const found: number[] = [];
  for (let n = 0; n < N; n++) {
    for (let c = 0; c < classes; c++) {
      const score = (i: number) => numbers[(n * classes + c) * B + i];
      const order = Array.from({ length: B }, (_, i) => i)
        .filter((i) => score(i) > minimal)
        .sort((i, j) => score(j) - score(i) || i - j);
      const kept: Box[] = [];
      for (const i of order) {
        if (kept.length >= limit) break;
        const box = cornersOf(all, (n * B + i) * 4, centred);
        if (kept.some((other) => overlap(box, other) > maximal)) continue;
        kept.push(box);
        found.push(n, c, i);
      }
    }
  }
  return hostNumbers("int64", [found.length / 3, 3], found);
}

interface RoiAttributes {
  readonly mode: string;
  readonly output_height: number;
  readonly output_width: number;
  readonly sampling_ratio: number;
  readonly spatial_scale: number;
  readonly coordinate_transformation_mode: string;
}

/** The four pixels around a point and their shares; nothing outside of the image. */
function around(y: number, x: number, H: number, W: number): { place: number; share: number }[] {
  if (y < -1 || y > H || x < -1 || x > W) return Array.from({ length: 4 }, () => ({ place: 0, share: 0 }));
  const [cy, cx] = [Math.max(y, 0), Math.max(x, 0)];
  const [y0, x0] = [Math.min(Math.floor(cy), H - 1), Math.min(Math.floor(cx), W - 1)];
  const [y1, x1] = [Math.min(y0 + 1, H - 1), Math.min(x0 + 1, W - 1)];
  const [fy, fx] = [y0 === H - 1 ? 0 : cy - y0, x0 === W - 1 ? 0 : cx - x0];
  return [
    { place: y0 * W + x0, share: (1 - fy) * (1 - fx) },
    { place: y0 * W + x1, share: (1 - fy) * fx },
    { place: y1 * W + x0, share: fy * (1 - fx) },
    { place: y1 * W + x1, share: fy * fx },
  ];
}

/** Boxes of images, each resampled to one size: [R, C, height, width]. Gradients flow to the images. */
function roiAlign(x: Tensor, rois: Value, batches: Value, a: RoiAttributes): Tensor {
  const [, C, H, W] = x.shape;
  const boxes = numbersOf(rois);
  const offset = a.coordinate_transformation_mode === "half_pixel" ? 0.5 : 0;
  const regions = intsOf(batches).map((n, r) => {
    const corner = (i: number) => boxes[r * 4 + i] * a.spatial_scale - offset;
    const least = offset ? 0 : 1;
    const width = Math.max(corner(2) - corner(0), least || -Infinity);
    const height = Math.max(corner(3) - corner(1), least || -Infinity);
    const [stepY, stepX] = [height / a.output_height, width / a.output_width];
    const [ny, nx] =
      a.sampling_ratio > 0 ? [a.sampling_ratio, a.sampling_ratio] : [Math.ceil(stepY), Math.ceil(stepX)];
    const taps: { place: number; share: number }[] = [];
    for (let i = 0; i < a.output_height; i++)
      for (let j = 0; j < a.output_width; j++)
        for (let p = 0; p < ny; p++)
          for (let q = 0; q < nx; q++)
            taps.push(
              ...around(
                corner(1) + (i + (p + 0.5) / ny) * stepY,
                corner(0) + (j + (q + 0.5) / nx) * stepX,
                H,
                W,
              ),
            );
    const places = x.newFrom(
      taps.map(({ place }) => place),
      [taps.length],
      "int32",
    );
    const shares = x.newFrom(
      taps.map(({ share }) => share),
      [taps.length],
    );
    const seen = x
      .select(0, n)
      .reshape([C, H * W])
      .indexSelect(1, places)
      .mul(shares);
    const samples = seen.reshape([C, a.output_height, a.output_width, ny * nx, 4]);
    if (a.mode === "max") return samples.reshape([C, a.output_height, a.output_width, -1]).amax(3);
    return samples.sum(4).mean(3);
  });
  return stack(regions);
}

/** Where a coordinate from −1 to 1 lies among n pixels. */
const unnormalized = (g: Tensor, n: number, corners: number): Tensor =>
  corners ? g.add(1).mul((n - 1) / 2) : g.add(1).mul(n).sub(1).div(2);

/** Coordinates outside of the image come back into it. */
function inside(p: Tensor, n: number, mode: string, corners: number): Tensor {
  if (mode === "border") return p.clamp(0, n - 1);
  if (mode !== "reflection") return p;
  const [low, high] = corners ? [0, n - 1] : [-0.5, n - 0.5];
  const span = high - low;
  if (span === 0) return p.mul(0);
  const distance = p.sub(low).abs();
  const turns = distance.div(span).floor();
  const rest = distance.sub(turns.mul(span));
  const odd = turns.sub(turns.div(2).floor().mul(2)).gt(0.5);
  return odd.where(rest.neg().add(high), rest.add(low)).clamp(0, n - 1);
}

interface Grid {
  readonly padding: string;
  readonly corners: number;
}

/** Pixels at whole coordinates [N, H′, W′]; those outside are 0, or those of the padding. */
function pixels(x: Tensor, row: Tensor, column: Tensor, { padding, corners }: Grid): Tensor {
  const [N, C, H, W] = x.shape;
  const [y, z] = [inside(row, H, padding, corners), inside(column, W, padding, corners)];
  const valid = y.ge(0).logicalAnd(y.lt(H)).logicalAnd(z.ge(0)).logicalAnd(z.lt(W));
  const place = y
    .clamp(0, H - 1)
    .mul(W)
    .add(z.clamp(0, W - 1))
    .to("int32");
  const [, h, w] = row.shape;
  const index = place
    .reshape([N, 1, h * w])
    .expand([N, C, h * w])
    .contiguous();
  const seen = x
    .reshape([N, C, H * W])
    .gather(2, index)
    .reshape([N, C, h, w]);
  return seen.mul(valid.unsqueeze(1).to(x.dtype));
}

/** Weights of four neighbours by cubic interpolation, for distances from 0 to 1. */
function cubicWeights(t: Tensor, a = -0.75): Tensor[] {
  const near = (d: Tensor) =>
    d
      .mul(a + 2)
      .sub(a + 3)
      .mul(d)
      .mul(d)
      .add(1);
  const far = (d: Tensor) =>
    d
      .mul(a)
      .sub(5 * a)
      .mul(d)
      .add(8 * a)
      .mul(d)
      .sub(4 * a);
  return [far(t.add(1)), near(t), near(t.neg().add(1)), far(t.neg().add(2))];
}

/** Images seen at given points: gradients flow to both. */
function gridSample(x: Tensor, grid: Tensor, mode: string, padding: string, corners: number): Tensor {
  const [, , H, W] = x.shape;
  const how = { padding, corners };
  const column = unnormalized(grid.select(-1, 0), W, corners);
  const row = unnormalized(grid.select(-1, 1), H, corners);
  if (mode === "nearest")
    return pixels(
      x,
      inside(row, H, padding, corners).round(),
      inside(column, W, padding, corners).round(),
      how,
    );
  if (mode === "cubic" || mode === "bicubic") {
    const [y0, x0] = [row.floor(), column.floor()];
    const [wy, wx] = [cubicWeights(row.sub(y0)), cubicWeights(column.sub(x0))];
    const terms = wy.flatMap((p, i) =>
      wx.map((q, j) => pixels(x, y0.add(i - 1), x0.add(j - 1), how).mul(p.mul(q).unsqueeze(1))),
    );
    return terms.reduce((sum, term) => sum.add(term));
  }
  const [y, z] = [inside(row, H, padding, corners), inside(column, W, padding, corners)];
  const [y0, x0] = [y.floor(), z.floor()];
  const [fy, fx] = [y.sub(y0), z.sub(x0)];
  const [gy, gx] = [fy.neg().add(1), fx.neg().add(1)];
  const zeros = { padding: "zeros", corners };
  const term = (dy: number, dx: number, p: Tensor, q: Tensor) =>
    pixels(x, y0.add(dy), x0.add(dx), zeros).mul(p.mul(q).unsqueeze(1));
  return term(0, 0, gy, gx)
    .add(term(0, 1, gy, fx))
    .add(term(1, 0, fy, gx))
    .add(term(1, 1, fy, fx));
}

/** What detectors need. */
export const detection: Family = {
  NonMaxSuppression: [
    op(
      10,
      "boxes scores max_output_boxes_per_class?= iou_threshold?= score_threshold?=",
      { center_point_box: int(0) },
      (x, a) => suppressed(x, a.center_point_box),
    ),
  ],
  RoiAlign: [
    op(
      10,
      "X rois batch_indices",
      {
        mode: text("avg"),
        output_height: int(1),
        output_width: int(1),
        sampling_ratio: int(0),
        spatial_scale: float(1),
      },
      ([x, rois, batches], a) =>
        roiAlign(floatOf(x), rois, batches, { ...a, coordinate_transformation_mode: "output_half_pixel" }),
    ),
    op(
      16,
      "X rois batch_indices",
      {
        mode: text("avg"),
        output_height: int(1),
        output_width: int(1),
        sampling_ratio: int(0),
        spatial_scale: float(1),
        coordinate_transformation_mode: text("half_pixel"),
      },
      ([x, rois, batches], a) => roiAlign(floatOf(x), rois, batches, a),
    ),
  ],
  GridSample: [
    op(
      16,
      "X grid",
      { mode: text("bilinear"), padding_mode: text("zeros"), align_corners: int(0) },
      ([x, grid], a) => gridSample(floatOf(x), floatOf(grid, x), a.mode, a.padding_mode, a.align_corners),
    ),
  ],
};
