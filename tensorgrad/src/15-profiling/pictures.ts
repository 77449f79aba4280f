import {
  type FlameFrame,
  flameGraph,
  type RooflinePoint,
  renderPage,
  roofline,
  type Section,
} from "../plots/index.ts";
import { bottlenecks, nameOf } from "./bottlenecks.ts";
import type { Ceilings } from "./ceilings.ts";
import type { Profile } from "./profile-result.ts";
import type { FlameNode } from "./recorder.ts";
import { cellsOf, HEAD, share, short } from "./table.ts";

export function flameGraphOf({ tree, wallMs }: Profile): string {
  const frames = framesOf(tree, wallMs);
  return flameGraph(frames, { title: "Where the time goes", unit: "ms" });
}

/** Inner nodes that stand for a phase or a module last as long as what is in them. */
function framesOf(node: FlameNode, wallMs: number): FlameFrame {
  const frame = (one: FlameNode): FlameFrame => {
    const children = [...one.children.values()].map(frame);
    const inside = children.reduce((sum, { value }) => sum + value, 0);
    return { name: one.name, value: Math.max(one.ms, inside), children };
  };
  return { ...frame(node), name: "all", value: wallMs };
}

/** Rows below this share of the time would only cover the others. */
const VISIBLE = 0.002;

export function rooflineOf({ rows, wallMs }: Profile, { bytesPerSecond, flopsPerSecond }: Ceilings): string {
  const points = rows.flatMap((row): RooflinePoint[] => {
    const bytes = row.bytesRead + row.bytesWritten;
    if (row.flops === 0 || bytes === 0 || row.ms < VISIBLE * wallMs) return [];
    return [
      {
        name: nameOf(row),
        intensity: row.flops / bytes,
        rate: row.flops / row.ms / 1e6,
        share: row.ms / wallMs,
      },
    ];
  });
  return roofline(points, {
    title: "Operations below the roof",
    gbPerSecond: bytesPerSecond / 1e9,
    gflops: flopsPerSecond / 1e9,
  });
}

export function page(profile: Profile, title: string, ceilings?: Ceilings): string {
  const { rows, wallMs, operationsMs } = profile;
  const known = rows.some(({ flops, ms }) => flops > 0 && ms >= VISIBLE * wallMs);
  const pictures: Section = {
    title: "Flame graph",
    text: "Each frame is as wide as its time: phase, module path, operation, kernel. What is white passed between operations.",
    figures: [{ svg: flameGraphOf(profile), caption: "Point at a frame for its time.", wide: true }],
  };
  const roofs: Section[] =
    ceilings && known
      ? [
          {
            title: "Roofline",
            text:
              `Measured here: a copy moves ${short(ceilings.bytesPerSecond / 1e9)} GB/s, a matrix product computes ` +
              `${short(ceilings.flopsPerSecond / 1e9)} GFLOP/s. Points on the slope wait for memory, below the flat roof for arithmetic; ` +
              "points above the slope found their data in a cache.",
            figures: [
              { svg: rooflineOf(profile, ceilings), caption: "Larger points take more of the time." },
            ],
          },
        ]
      : [];
  return renderPage({
    title,
    lead: `${short(wallMs)} ms, of which operations take ${share(operationsMs, wallMs)}.`,
    summary: [],
    sections: [
      { title: "Bottlenecks", text: bottlenecks(profile, ceilings).join(" ") },
      pictures,
      ...roofs,
      {
        title: "Operations",
        table: { head: HEAD, rows: rows.slice(0, 100).map((row) => cellsOf(row, wallMs)) },
      },
    ],
  });
}
