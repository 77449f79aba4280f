// own process: servers listen
import { Random, randn, zeros } from "tensorgrad";
import { Linear, ReLU, Sequential, Softmax } from "tensorgrad/nn";
import { exportOnnx } from "tensorgrad/onnx";
import { type RequestEvent, type ResponseEvent, type Server, serve } from "tensorgrad/serving";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

const random = new Random(1);
const model = new Sequential(
  new Linear(6, 5, { random }),
  new ReLU(),
  new Linear(5, 3, { random }),
  new Softmax(),
);
const example = zeros([1, 6]);
const x = randn([4, 6], { random });

let server: Server;
beforeAll(async () => {
  server = await serve(model, { name: "toy", example, port: 0, nonFinite: false });
});
afterAll(() => server.close());

describe("the open inference protocol", () => {
  it("says what there is", async () => {
    expect(await json("/v2")).toMatchObject({ name: "tensorgrad", extensions: ["binary_tensor_data"] });
    expect(await json("/v2/health/live")).toEqual({ live: true });
    expect(await json("/v2/health/ready")).toEqual({ ready: true });
    expect(await json("/v2/models/toy/ready")).toEqual({ name: "toy", version: "1", ready: true });
    expect(await json("/v2/models/toy/versions/1")).toMatchInlineSnapshot(`
      {
        "inputs": [
          {
            "datatype": "FP32",
            "name": "input",
            "shape": [
              -1,
              6,
            ],
          },
        ],
        "name": "toy",
        "outputs": [
          {
            "datatype": "FP32",
            "name": "output",
            "shape": [
              -1,
              3,
            ],
          },
        ],
        "platform": "tensorgrad",
        "versions": [
          "1",
        ],
      }
    `);
  });

  it("answers numbers of JSON, flat or nested, with the numbers that the model computes", async () => {
    const expected = Array.from(model.forward(x).data);
    for (const data of [Array.from(x.data), x.toArray()]) {
      const answer = await infer({
        id: "mine",
        inputs: [{ name: "input", shape: [4, 6], datatype: "FP32", data }],
      });
      expect(answer.status).toBe(200);
      expect(answer.body).toEqual({
        model_name: "toy",
        model_version: "1",
        id: "mine",
        outputs: [{ name: "output", shape: [4, 3], datatype: "FP32", data: expected }],
      });
    }
  });

  it("answers bytes with bytes, bit for bit", async () => {
    const head = Buffer.from(
      JSON.stringify({
        inputs: [{ name: "input", shape: [4, 6], datatype: "FP32", parameters: { binary_data_size: 96 } }],
        outputs: [{ name: "output", parameters: { binary_data: true } }],
      }),
    );
    const response = await fetch(`${server.url}/v2/models/toy/infer`, {
      method: "POST",
      headers: {
        "content-type": "application/octet-stream",
        "inference-header-content-length": `${head.length}`,
      },
      body: Buffer.concat([head, Buffer.from(new Float32Array(x.data).buffer)]),
    });
    const bytes = Buffer.from(await response.arrayBuffer());
    const length = Number(response.headers.get("inference-header-content-length"));
    const { outputs } = JSON.parse(bytes.subarray(0, length).toString());
    expect(outputs).toEqual([
      { name: "output", shape: [4, 3], datatype: "FP32", parameters: { binary_data_size: 48 } },
    ]);
    const found = new Float32Array(new Uint8Array(bytes.subarray(length)).buffer);
    expect(found).toEqual(new Float32Array(model.forward(x).data));
  });

  it("gives the same answers by way of ONNX Runtime", async () => {
    const bytes = exportOnnx(model, example);
    const others = await Promise.all([
      serve(bytes, { name: "toy", port: 0 }),
      serve(model, { name: "toy", port: 0, engine: "onnxruntime", example }),
      serve(bytes, { name: "toy", port: 0, engine: "tensorgrad" }),
    ]);
    const request = {
      inputs: [{ name: "input", shape: [4, 6], datatype: "FP32", data: Array.from(x.data) }],
    };
    const here = (await infer(request)).body.outputs[0].data;
    for (const other of others) {
      expect(await json("/v2/models/toy", other)).toEqual({
        ...(await json("/v2/models/toy")),
        platform: other === others[2] ? "tensorgrad" : "onnxruntime",
      });
      const there = (await infer(request, "/v2/models/toy/infer", other)).body.outputs[0].data;
      for (const [i, value] of here.entries()) expect(there[i]).toBeCloseTo(value, 6);
      await other.close();
    }
  });

  it("tells hooks of every request, and lets them choose the version", async () => {
    const seen: (RequestEvent | ResponseEvent)[] = [];
    const away = server.use({
      onRequest: (event) => seen.push(event),
      onResponse: (event) => seen.push(event),
    });
    const broken = server.use({
      onRequest: () => {
        throw new Error("a hook that throws");
      },
      route: () => "gone",
    });
    await infer({ inputs: [{ name: "input", shape: [1, 6], datatype: "FP32", data: [1, 2, 3, 4, 5, 6] }] });
    away();
    broken();
    await infer({ inputs: [{ name: "input", shape: [1, 6], datatype: "FP32", data: [1, 2, 3, 4, 5, 6] }] });
    expect(seen).toHaveLength(2);
    expect(seen[1]).toMatchObject({ id: seen[0].id, model: "toy", version: "1", status: 200, error: null });
    expect((seen[1] as ResponseEvent).outputs?.output.shape).toEqual([1, 3]);
  });

  it("promotes while requests run: none is dropped", async () => {
    const slot = server.models.get("toy");
    if (!slot) throw new Error("no slot");
    const versions = new Set<string>();
    let promoting = true;
    const client = async () => {
      while (promoting) {
        const { status, body } = await infer({
          inputs: [{ name: "input", shape: [1, 6], datatype: "FP32", data: [1, 2, 3, 4, 5, 6] }],
        });
        expect(status).toBe(200);
        versions.add(body.model_version);
      }
    };
    const clients = Promise.all([client(), client(), client(), client()]);
    for (let i = 2; i < 22; i++) {
      await slot.swap({ ...slot.current, version: String(i) });
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
    promoting = false;
    await clients;
    expect(versions.size).toBeGreaterThan(2);
    expect(slot.versions.map(({ version }) => version)).toEqual(["21"]);
  });

  it("counts what it does", async () => {
    const text = await (await fetch(`${server.url}/metrics`)).text();
    expect(text).toMatch(
      /tensorgrad_http_request_seconds_count\{route="\/v2\/models\/:model\/infer",status="200"\} \d+/,
    );
    expect(text).toMatch(/tensorgrad_batch_rows_count\{model="toy",version="1"\} \d+/);
    expect(text).toContain('tensorgrad_queue_rows{model="toy"} 0');
  });
});

const json = async (path: string, { url } = server) => (await fetch(`${url}${path}`)).json();

async function infer(body: unknown, path = "/v2/models/toy/infer", { url } = server) {
  const response = await fetch(`${url}${path}`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  return { status: response.status, body: await response.json() };
}
