import fc from "fast-check";
import { zipSync } from "fflate";
import { describe, expect, it } from "vitest";
import { bytesOf } from "../../../tests/07-training/foreign-files.fixture.ts";
import { FormatError } from "../../00-runtime/index.ts";
import "tensorgrad";
import { decodePt } from "./pytorch.ts";

describe("decodePt", () => {
  it("reads what torch.save writes: types, views, parameters, dicts within dicts", () => {
    const tensors = decodePt(bytesOf("pt"));
    expect(
      Object.fromEntries(Object.entries(tensors).map(([name, t]) => [name, [t.dtype, t.shape, t.toArray()]])),
    ).toEqual({
      "model.fc.weight": [
        "float32",
        [2, 3],
        [
          [0, 1, 2],
          [3, 4, 5],
        ],
      ],
      "model.fc.turned": [
        "float32",
        [3, 2],
        [
          [0, 3],
          [1, 4],
          [2, 5],
        ],
      ],
      "model.half": ["float16", [2], [1.5, -2]],
      "model.brain": ["bfloat16", [1], [3]],
      "model.count": ["int32", [], 7],
      "model.flags": ["bool", [2], [1, 0]],
      "model.parameter": ["float32", [1], [0.25]],
      "model.empty": ["float32", [0, 3], []],
      "list.0": ["int32", [2], [1, 2]],
    });
    expect(decodePt(bytesOf("ptTensor")).tensor.shape).toEqual([2, 3]);
  });

  it("calls nothing that is not on its list", () => {
    expect(() => decodePt(bytesOf("ptEvil"))).toThrowErrorMatchingInlineSnapshot(
      `[FormatError: decodePt: it calls posix.system — only what makes tensors and dicts is allowed; save a state dict: torch.save(model.state_dict(), path)]`,
    );
  });

  it("says what it does not read, and where numbers do not fit", () => {
    expect(() => decodePt(bytesOf("ptOld"))).toThrowErrorMatchingInlineSnapshot(
      `[FormatError: decodePt: a bare pickle, as PyTorch before 1.6 wrote it — load it in PyTorch and save it anew]`,
    );
    expect(() => decodePt(bytesOf("ptLarge"))).toThrowErrorMatchingInlineSnapshot(
      `[FormatError: decodePt: 1099511627776 at position 0 — whole numbers are int32 here, from -2147483648 to 2147483647; store it as float64]`,
    );
    expect(() => decodePt(bytesOf("npz"))).toThrowErrorMatchingInlineSnapshot(
      `[FormatError: decodePt: an archive without data.pkl — expected what torch.save writes]`,
    );
    expect(() => decodePt(Uint8Array.of(1, 2, 3))).toThrowErrorMatchingInlineSnapshot(
      `[FormatError: decodePt: no zip archive, or a damaged one (invalid zip data)]`,
    );
  });

  it("unpacks no archive that claims far more than it has", () => {
    const bomb = zipSync({ "archive/data.pkl": new Uint8Array(10_000_000) });
    expect(() => decodePt(bomb)).toThrowErrorMatchingInlineSnapshot(
      `[FormatError: decodePt: archive/data.pkl and those before it take 9.5 MB, the file has 9.7 KB — at most 20 times as much is unpacked]`,
    );
  });

  it("is not kept busy by a directory that claims to list thousands of millions of files", () => {
    const bytes = bytesOf("pt");
    const view = new DataView(bytes.buffer);
    view.setUint32(view.getUint32(bytes.length - 34, true) + 32, 4e9, true); // the count of a zip64 directory
    expect(() => decodePt(bytes)).toThrowErrorMatchingInlineSnapshot(
      `[FormatError: decodePt: its directory lists more files than it has room for — the file is damaged]`,
    );
  });

  it("refuses every damaged file with an error of its own, or reads tensors", () => {
    const whole = bytesOf("pt");
    const places = fc.array(fc.tuple(fc.nat(whole.length - 1), fc.nat(255)), { minLength: 1, maxLength: 6 });
    fc.assert(
      fc.property(places, fc.nat(3), (changes, cut) => {
        const bytes = whole.slice(0, whole.length - (cut === 0 ? 100 : 0));
        for (const [at, value] of changes) if (at < bytes.length) bytes[at] = value;
        try {
          decodePt(bytes);
        } catch (error) {
          expect(error).toBeInstanceOf(FormatError);
        }
      }),
      { numRuns: 1000 },
    );
  });
});
