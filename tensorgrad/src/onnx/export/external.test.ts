import { mkdtempSync, openSync, rmSync, writeFileSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { ones, randn } from "../../01-tensor/index.ts";
import { Linear, Sequential } from "../../03-layers/index.ts";
import { importOnnx } from "../import/import.ts";
import { exportOnnx } from "./export.ts";
import { requireRoom } from "./external.ts";

const folder = mkdtempSync(join(tmpdir(), "external-"));
afterAll(() => rmSync(folder, { recursive: true }));

describe("exportOnnx with { externalData }", () => {
  const model = new Sequential(new Linear(40, 50), new Linear(50, 3));
  const x = randn([2, 40]);

  it("writes large arrays beside the model, each at the beginning of a page, and importOnnx finds them", () => {
    const file = openSync(join(folder, "weights.bin"), "w");
    const places: number[][] = [];
    const bytes = exportOnnx(model, x, {
      externalData: {
        location: "weights.bin",
        from: 200,
        write: (bytes, offset) => {
          places.push([offset, bytes.length]);
          writeSync(file, bytes, 0, bytes.length, offset);
        },
      },
    });
    expect(places).toEqual([
      [0, 8000],
      [8192, 200],
      [12_288, 600],
    ]);
    expect(bytes.length).toBeLessThan(1500);
    const path = join(folder, "model.onnx");
    writeFileSync(path, bytes);
    const again = importOnnx(path);
    expect(again.forward(x).toArray()).toEqual(model.forward(x).toArray());
    expect(() => importOnnx(bytes)).toThrow("kept in another file — open the model by its path");
  });

  it("keeps everything inside where nothing is large enough", () => {
    const write = () => expect.unreachable("nothing is written");
    const bytes = exportOnnx(model, x, { externalData: { location: "weights.bin", from: 10_000, write } });
    expect(bytes).toEqual(exportOnnx(model, x));
  });

  it("takes a plain name, and nothing else", () => {
    for (const location of ["", "..", "/etc/weights", "../weights", "C:weights", "a\\b"])
      expect(() => exportOnnx(model, x, { externalData: { location, write: () => {} } })).toThrow(
        "a plain name: the file lies beside the model",
      );
    expect(() =>
      exportOnnx((y) => y.relu(), ones([2]), { externalData: { location: "a/b", write: () => {} } }),
    ).toThrowErrorMatchingInlineSnapshot(
      `[TypeError: exportOnnx: { externalData: { location: "a/b" } } — a plain name: the file lies beside the model]`,
    );
  });

  it("is what a model of 2 GB and more needs", () => {
    expect(() => requireRoom(2 ** 31 - 1)).not.toThrow();
    expect(() => requireRoom(2 ** 31)).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: exportOnnx: weights of 2.1 GB — a file of ONNX ends at 2 GB; keep them beside it: { externalData }]`,
    );
  });
});
