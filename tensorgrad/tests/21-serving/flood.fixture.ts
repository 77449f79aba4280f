import { Agent, request } from "node:http";
import { Random } from "tensorgrad";
import type { ServedModel } from "tensorgrad/serving";

/** A model that gives back what it is given, after its time: its engine is idle meanwhile, so that this machine can ask more than it can carry. */
export const slowEcho = (ms: number): ServedModel => {
  const tensor = { name: "input", dtype: "float32", shape: [-1, 1] } as const;
  return {
    ...{ name: "echo", version: "1", engine: "test", batched: true },
    schema: { inputs: [tensor], outputs: [{ ...tensor, name: "output" }] },
    infer: async ({ input }) => {
      await new Promise((resolve) => setTimeout(resolve, ms));
      return { output: input };
    },
  };
};

export interface Flood {
  readonly sent: number;
  /** By status; 0 for a connection that broke. */
  readonly statuses: Readonly<Record<number, number>>;
  /** Answers with another request's number. */
  readonly wrong: number;
  /** Requests without any answer. */
  readonly lost: number;
  /** Refusals without `Retry-After`. */
  readonly withoutRetry: number;
  /** Of all requests, from sending to the last byte, in ms; sorted. */
  readonly latencies: readonly number[];
  /** Of those with numbers, in ms; sorted. */
  readonly answered: readonly number[];
}

/** Sends so many requests a second whatever comes back, at random times: as many users do who know nothing of each other. */
export async function flood(url: string, perSecond: number, seconds: number): Promise<Flood> {
  const random = new Random(1);
  const gap = () => (-1000 * Math.log(1 - random.uniform())) / perSecond;
  const agent = new Agent({ keepAlive: true, maxSockets: 1000 });
  const statuses: Record<number, number> = {};
  const [latencies, answered]: number[][] = [[], []];
  let [sent, wrong, withoutRetry] = [0, 0, 0];
  const open = new Set<Promise<void>>();
  const one = async (value: number): Promise<void> => {
    const started = performance.now();
    const { status, body, retry } = await ask(url, agent, value);
    const ms = performance.now() - started;
    latencies.push(ms);
    statuses[status] = (statuses[status] ?? 0) + 1;
    if (status === 503 && !retry) withoutRetry++;
    if (status !== 200) return;
    answered.push(ms);
    if (JSON.parse(body).outputs[0].data[0] !== value) wrong++;
  };
  const started = performance.now();
  for (let due = gap(); due < seconds * 1000; ) {
    for (; due <= performance.now() - started; due += gap()) {
      const request = one(sent++ % 2 ** 24).finally(() => open.delete(request));
      open.add(request);
    }
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  await Promise.all(open);
  agent.destroy();
  const sorted = (times: number[]) => times.sort((a, b) => a - b);
  const lost = sent - latencies.length;
  return {
    sent,
    statuses,
    wrong,
    lost,
    withoutRetry,
    latencies: sorted(latencies),
    answered: sorted(answered),
  };
}

function ask(
  url: string,
  agent: Agent,
  value: number,
): Promise<{ status: number; body: string; retry: boolean }> {
  const text = `{"inputs":[{"name":"input","shape":[1,1],"datatype":"FP32","data":[${value}]}]}`;
  const headers = { "content-type": "application/json", "content-length": text.length };
  return new Promise((resolve) => {
    const broken = () => resolve({ status: 0, body: "", retry: false });
    const outgoing = request(
      `${url}/v2/models/echo/infer`,
      { method: "POST", agent, headers },
      (response) => {
        let body = "";
        response.setEncoding("utf8").on("data", (part) => {
          body += part;
        });
        response.on("error", broken);
        response.on("end", () =>
          resolve({
            status: response.statusCode ?? 0,
            body,
            retry: response.headers["retry-after"] !== undefined,
          }),
        );
      },
    );
    outgoing.on("error", broken);
    outgoing.end(text);
  });
}
