import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Refusal } from "../refusal.ts";
import { Batcher, type BatcherOptions } from "./batcher.ts";

beforeEach(() => {
  vi.useFakeTimers({
    toFake: ["setTimeout", "clearTimeout", "setImmediate", "clearImmediate", "performance"],
  });
});
afterEach(() => {
  vi.useRealTimers();
});

describe("Batcher", () => {
  it("starts a batch when it is full", async () => {
    const { batcher, batches } = doubling({ maxBatch: 3, maxWait: 500 });
    const answers = [1, 2, 3, 4].map((x) => batcher.submit({ x, rows: 1, kind: "" }));
    await vi.advanceTimersByTimeAsync(10);
    expect(batches).toEqual([[1, 2, 3]]);
    await vi.advanceTimersByTimeAsync(1000);
    expect(batches).toEqual([[1, 2, 3], [4]]);
    expect(await Promise.all(answers)).toEqual([2, 4, 6, 8]);
  });

  it("starts a part of a batch when the oldest has waited long enough", async () => {
    const { batcher, batches } = doubling({ maxBatch: 8, maxWait: 5 });
    void batcher.submit({ x: 1, rows: 1, kind: "" });
    await vi.advanceTimersByTimeAsync(3);
    void batcher.submit({ x: 2, rows: 1, kind: "" });
    await vi.advanceTimersByTimeAsync(1);
    expect(batches).toEqual([]);
    await vi.advanceTimersByTimeAsync(1);
    expect(batches).toEqual([[1, 2]]);
  });

  it("gathers what arrives in one turn, even without waiting", async () => {
    const { batcher, batches } = doubling({ maxWait: 0 });
    const answers = [1, 2, 3].map((x) => batcher.submit({ x, rows: 1, kind: "" }));
    await vi.advanceTimersByTimeAsync(10);
    expect(await Promise.all(answers)).toEqual([2, 4, 6]);
    expect(batches).toEqual([[1, 2, 3]]);
  });

  it("computes one by one what fails together: only the culprit is refused", async () => {
    const { batcher } = doubling({ maxBatch: 3 }, (x) => x === 2);
    const answers = [1, 2, 3].map((x) => batcher.submit({ x, rows: 1, kind: "" }));
    const settled = Promise.allSettled(answers);
    await vi.advanceTimersByTimeAsync(100);
    expect((await settled).map(({ status }) => status)).toEqual(["fulfilled", "rejected", "fulfilled"]);
  });

  it("refuses a result too many, or too few", async () => {
    const batcher = new Batcher<number, number>({ ...LIMITS, run: async () => [1, 2] });
    const answer = batcher.submit(1).catch((error: Error) => error.message);
    await vi.advanceTimersByTimeAsync(10);
    expect(await answer).toMatchInlineSnapshot(`"Batcher: 2 results for 1 items — one for each"`);
  });

  it("names what it refuses, and why", async () => {
    const { batcher } = doubling({ maxBatch: 2, maxQueue: 2, deadline: 20, maxWait: 0 }, () => false, 50);
    const told = (rows: number, signal?: AbortSignal) =>
      batcher.submit({ x: 0, rows, kind: "" }, signal).catch(({ status, message, retryAfter }: Refusal) => ({
        ...{ status, message, retryAfter },
      }));
    const gone = new AbortController();
    const found = [told(3), told(2), told(2, gone.signal), told(1)];
    gone.abort();
    await vi.advanceTimersByTimeAsync(200);
    const closed = batcher.close();
    found.push(told(1));
    await closed;
    expect(await Promise.all(found)).toMatchInlineSnapshot(`
      [
        {
          "message": "infer: 3 rows — at most 2 in one request; split them",
          "retryAfter": null,
          "status": 413,
        },
        {
          "message": "infer: no answer within 20 ms — the request is given up",
          "retryAfter": null,
          "status": 504,
        },
        {
          "message": "infer: the client has gone — nobody waits for the answer",
          "retryAfter": null,
          "status": 499,
        },
        {
          "message": "infer: 2 rows wait already — the queue is full; try again later",
          "retryAfter": 1,
          "status": 503,
        },
        {
          "message": "infer: the model is being closed — ask again",
          "retryAfter": 1,
          "status": 503,
        },
      ]
    `);
  });

  it("keeps its promises in whatever order things happen", async () => {
    await fc.assert(
      fc.asyncProperty(scripts, async ({ limits, arrivals, msPerBatch, closeAt }) => {
        await keepsItsPromises(limits, arrivals, msPerBatch, closeAt);
      }),
      { numRuns: 200 },
    );
  });
});

const LIMITS = { maxBatch: 4, maxWait: 2, maxQueue: 100, deadline: 1000, concurrency: 1 };

interface Item {
  readonly x: number;
  readonly rows: number;
  readonly kind: string;
}

/** A model that doubles numbers, takes its time, and fails for some. */
function doubling(
  limits: Partial<typeof LIMITS>,
  fails: (x: number) => boolean = () => false,
  ms = 0,
  more: Partial<BatcherOptions<Item, number>> = {},
) {
  const batches: number[][] = [];
  const run = async (items: readonly Item[]): Promise<number[]> => {
    batches.push(items.map(({ x }) => x));
    if (ms > 0) await new Promise((resolve) => setTimeout(resolve, ms));
    if (items.some(({ x }) => fails(x))) throw new Error("this one fails");
    return items.map(({ x }) => 2 * x);
  };
  const options = {
    ...LIMITS,
    ...limits,
    run,
    size: ({ rows }: Item) => rows,
    kind: ({ kind }: Item) => kind,
  };
  return { batches, batcher: new Batcher<Item, number>({ ...options, ...more }) };
}

interface Arrival {
  readonly after: number;
  readonly rows: number;
  readonly kind: string;
  readonly fails: boolean;
  /** Ms after its arrival; null stays. */
  readonly leaves: number | null;
}

const scripts = fc.record({
  limits: fc.record({
    maxBatch: fc.integer({ min: 1, max: 6 }),
    maxWait: fc.integer({ min: 0, max: 8 }),
    maxQueue: fc.integer({ min: 1, max: 12 }),
    deadline: fc.integer({ min: 1, max: 40 }),
    concurrency: fc.integer({ min: 1, max: 3 }),
  }),
  arrivals: fc.array(
    fc.record<Arrival>({
      after: fc.integer({ min: 0, max: 6 }),
      rows: fc.integer({ min: 1, max: 4 }),
      kind: fc.constantFrom("a", "b"),
      fails: fc.nat(3).map((n) => n === 0),
      leaves: fc.option(fc.integer({ min: 0, max: 20 })),
    }),
    { maxLength: 40 },
  ),
  msPerBatch: fc.integer({ min: 0, max: 25 }),
  closeAt: fc.option(fc.integer({ min: 0, max: 40 })),
});

/** Plays a script, and looks at everything that happened. */
async function keepsItsPromises(
  limits: typeof LIMITS,
  arrivals: readonly Arrival[],
  msPerBatch: number,
  closeAt: number | null,
): Promise<void> {
  const { batcher, batches } = doubling(limits, (x) => arrivals[x].fails, msPerBatch);
  const ends: { at: number; value?: number; status?: number; message?: string }[][] = arrivals.map(() => []);
  const arrived: number[] = [];
  for (const [x, { after, leaves, rows, kind }] of arrivals.entries()) {
    await vi.advanceTimersByTimeAsync(after);
    if (x === closeAt) void batcher.close();
    const client = new AbortController();
    if (leaves !== null) setTimeout(() => client.abort(), leaves);
    arrived.push(performance.now());
    batcher.submit({ x, rows, kind }, client.signal).then(
      (value) => ends[x].push({ at: performance.now(), value }),
      ({ status, message }: Refusal) => ends[x].push({ at: performance.now(), status, message }),
    );
    expect(batcher.waiting).toBeLessThanOrEqual(limits.maxQueue);
    expect(batcher.running).toBeLessThanOrEqual(limits.concurrency);
  }
  await vi.advanceTimersByTimeAsync(10_000);
  const closed = batcher.close();
  await closed; // never, if something were still under way

  for (const [x, end] of ends.entries()) {
    expect(end).toHaveLength(1); // nothing is lost, nothing answered twice
    const [{ at, value, status, message }] = end;
    expect(at - arrived[x]).toBeLessThanOrEqual(limits.deadline + 1); // timers count whole ms
    if (value !== undefined) expect([value, arrivals[x].fails]).toEqual([2 * x, false]);
    else if (status === undefined) expect([message, arrivals[x].fails]).toEqual(["this one fails", true]);
    else expect([413, 499, 503, 504]).toContain(status);
  }
  expect([batcher.waiting, batcher.running]).toEqual([0, 0]);
  const together = batches.filter(({ length }) => length > 1);
  for (const batch of together) {
    const items = batch.map((x) => arrivals[x]);
    expect(items.reduce((sum, { rows }) => sum + rows, 0)).toBeLessThanOrEqual(limits.maxBatch);
    expect(new Set(items.map(({ kind }) => kind)).size).toBe(1);
  }
  expectOrder(batches, arrivals);
}

/** Of each kind, first starts are in the order of arrival; an item runs again only alone, after a batch that failed. */
function expectOrder(batches: readonly number[][], arrivals: readonly Arrival[]): void {
  const started = new Set<number>();
  const last: Record<string, number> = { a: -1, b: -1 };
  const failed = new Set<number>();
  for (const batch of batches) {
    for (const x of batch) {
      if (started.has(x)) expect([batch.length, failed.has(x)]).toEqual([1, true]);
      else {
        const { kind } = arrivals[x];
        expect(x).toBeGreaterThan(last[kind]);
        last[kind] = x;
      }
      started.add(x);
    }
    if (batch.length > 1 && batch.some((x) => arrivals[x].fails)) for (const x of batch) failed.add(x);
  }
}
