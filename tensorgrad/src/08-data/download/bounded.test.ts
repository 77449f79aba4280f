import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import fc from "fast-check";
import { expect, it } from "vitest";
import { bounded } from "./bounded.ts";

it("what is unpacked passes whole up to the bound, and not a byte beyond it, however it is cut", async () => {
  const sizes = fc.array(fc.integer({ min: 1, max: 40 }), { maxLength: 12 });
  await fc.assert(
    fc.asyncProperty(sizes, fc.integer({ min: 0, max: 300 }), async (pieces, most) => {
      let passed = 0;
      const count = async (stream: AsyncIterable<Uint8Array>) => {
        for await (const piece of stream) passed += piece.length;
      };
      const total = pieces.reduce((sum, n) => sum + n, 0);
      const source = Readable.from(pieces.map((n) => Buffer.alloc(n)));
      const all = await pipeline(source, bounded(most), count).then(
        () => null,
        (error: Error) => error.message,
      );
      if (total > most) expect(all).toBe(`it unpacks to more than ${most} bytes`);
      else expect([all, passed]).toEqual([null, total]);
      expect(passed).toBeLessThanOrEqual(most);
    }),
  );
});
