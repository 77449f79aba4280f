// own process: servers listen
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Random, type Tensor, zeros } from "tensorgrad";
import { Linear } from "tensorgrad/nn";
import { exportOnnx } from "tensorgrad/onnx";
import { type ServedModel, type Server, serve } from "tensorgrad/serving";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

const model = new Linear(2, 1, { random: new Random(1) });
const two = (a: Tensor, b: Tensor) => a.add(b);

let server: Server;
let strict: Server;
beforeAll(async () => {
  server = await serve(model, { name: "toy", example: zeros([1, 2]), port: 0, maxBatch: 8, bodyLimit: 4000 });
  strict = await serve(two, {
    ...{ name: "two", port: 0, keys: ["right", "another", "hunter2"], clientTimeout: 300, log: "info" },
    ...{
      example: [zeros([1, 2]), zeros([1, 2], { dtype: "int32" })],
      logStream: { write: (line) => log.push(line) },
    },
  });
});
afterAll(async () => {
  await Promise.all([server.close(), strict.close()]);
});
const log: string[] = [];

const input = { name: "input", shape: [1, 2], datatype: "FP32", data: [1, 2] };

describe("a tensor that does not fit", () => {
  const cases: Record<string, object> = {
    "no inputs": {},
    "inputs that are no list": { inputs: "input" },
    "no name": { inputs: [{ ...input, name: undefined }] },
    "another name": { inputs: [{ ...input, name: "x" }] },
    "a name of the language": { inputs: [{ ...input, name: "__proto__" }] },
    "one too many": { inputs: [input, { ...input, name: "second" }] },
    "the same one twice": { inputs: [input, input] },
    "another datatype": { inputs: [{ ...input, datatype: "INT64" }] },
    "another rank": { inputs: [{ ...input, shape: [2] }] },
    "another size": { inputs: [{ ...input, shape: [1, 3], data: [1, 2, 3] }] },
    "a shape that is none": { inputs: [{ ...input, shape: [-1, 2] }] },
    "no rows": { inputs: [{ ...input, shape: [0, 2], data: [] }] },
    "a shape far too large": { inputs: [{ ...input, shape: [2 ** 40, 2] }] },
    "numbers missing": { inputs: [{ ...input, data: [1] }] },
    "numbers missing in a row": { inputs: [{ ...input, shape: [2, 2], data: [[1, 2], [3]] }] },
    "no numbers": { inputs: [{ ...input, data: undefined }] },
    "words for numbers": { inputs: [{ ...input, data: ["1", "2"] }] },
    "null for a number": { inputs: [{ ...input, data: [1, null] }] },
    "more rows than a batch has": { inputs: [{ ...input, shape: [9, 2], data: new Array(18).fill(0) }] },
    "an output that there is not": { inputs: [input], outputs: [{ name: "logits" }] },
    "an id that is no text": { id: 3, inputs: [input] },
  };
  it("is refused with its name, and what the model takes", async () => {
    const told: string[] = [];
    for (const [what, body] of Object.entries(cases)) {
      const { status, error } = await post(JSON.stringify(body));
      told.push(`${what}: ${status} ${error}`);
    }
    expect(told).toMatchInlineSnapshot(`
      [
        "no inputs: 400 infer: no "inputs" — a list of tensors, each with name, shape, datatype and data",
        "inputs that are no list: 400 infer: no "inputs" — a list of tensors, each with name, shape, datatype and data",
        "no name: 400 infer: input 0 — a tensor has a name",
        "another name: 400 infer: inputs "x" — the model takes "input"",
        "a name of the language: 400 infer: inputs "__proto__" — the model takes "input"",
        "one too many: 400 infer: inputs "input", "second" — the model takes "input"",
        "the same one twice: 400 infer: inputs "input", "input" — the model takes "input"",
        "another datatype: 400 infer: input "input": datatype "INT64" — the model takes FP32",
        "another rank: 400 infer: input "input": shape [2] — the model takes [-1, 2], −1 for any size",
        "another size: 400 infer: input "input": shape [1, 3] — the model takes [-1, 2], −1 for any size",
        "a shape that is none: 400 infer: input "input": shape [-1,2] — a list of integers ≥ 1; the model takes [-1, 2], −1 for any size",
        "no rows: 400 infer: input "input": shape [0,2] — a list of integers ≥ 1; the model takes [-1, 2], −1 for any size",
        "a shape far too large: 400 infer: input "input": shape [1099511627776, 2], 86 bytes — the data is shorter than the shape says",
        "numbers missing: 400 infer: input "input": 1 elements — shape [1, 2] asks for 2",
        "numbers missing in a row: 400 infer: input "input": 1 elements at dim 1 — shape [2, 2] asks for 2",
        "no numbers: 400 infer: input "input": data undefined — a list of numbers, flat or nested as the shape",
        "words for numbers: 400 infer: input "input": "1" at element 0 — FP32 is a number",
        "null for a number: 400 infer: input "input": null at element 1 — FP32 is a number",
        "more rows than a batch has: 413 infer: 9 rows — at most 8 in one request; split them",
        "an output that there is not: 400 infer: output "logits" — the model gives output",
        "an id that is no text: 400 infer: id — a string",
      ]
    `);
  });

  it("is refused where it is no JSON, or none that this is", async () => {
    const told = [];
    const texts = [
      "",
      "{",
      "[]",
      "null",
      '{"inputs": [NaN]}',
      "[".repeat(3000),
      JSON.stringify({ inputs: [{ ...input, data: [1, 2] }] }).replace("2]}", "1e999]}"),
    ];
    for (const text of texts) {
      const { status, error } = await post(text);
      told.push(`${status} ${error}`);
    }
    expect(told).toMatchInlineSnapshot(`
      [
        "400 infer: the body is no JSON — Unexpected end of JSON input; NaN has no place in it, send a binary tensor",
        "400 infer: the body is no JSON — Expected property name or '}' in JSON at position 1; NaN has no place in it, send a binary tensor",
        "400 infer: the body is no JSON object",
        "400 infer: the body is no JSON object",
        "400 infer: the body is no JSON — Unexpected token 'N', "{"inputs": [NaN]}" is not valid JSON; NaN has no place in it, send a binary tensor",
        "400 infer: the body is no JSON — Unexpected end of JSON input; NaN has no place in it, send a binary tensor",
        "400 infer: input "input": Infinity at element 1 — numbers must be finite; look for what is missing in your data",
      ]
    `);
  });

  it("leaves the server as it was", async () => {
    expect(await post(JSON.stringify({ inputs: [input] }))).toMatchObject({ status: 200 });
  });
});

describe("tensors as bytes", () => {
  const send = (size: number, bytes: Uint8Array, change: Record<string, string> = {}) => {
    const json = JSON.stringify({
      inputs: [{ ...input, data: undefined, parameters: { binary_data_size: size } }],
    });
    const headers = {
      "content-type": "application/octet-stream",
      "inference-header-content-length": `${json.length}`,
      ...change,
    };
    return post(Buffer.concat([Buffer.from(json), bytes]), headers);
  };
  const whole = new Uint8Array(new Float32Array([1, 2]).buffer);

  it("are refused when they are cut off, too long, or not what they say", async () => {
    const nan = new Uint8Array(new Float32Array([1, Number.NaN]).buffer);
    const found = [
      await send(8, whole.subarray(0, 5)),
      await send(8, new Uint8Array(9)),
      await send(4, whole.subarray(0, 4)),
      await send(-8, whole),
      await send(8, nan),
      await send(8, whole, { "inference-header-content-length": "99999" }),
      await send(8, whole, { "inference-header-content-length": "abc" }),
    ];
    expect(found.map(({ status, error }) => `${status} ${error}`)).toMatchInlineSnapshot(`
      [
        "400 infer: input "input": binary_data_size 8, 5 bytes are left — the body is cut off, or the size is wrong",
        "400 infer: 1 bytes behind the last tensor — sizes and bytes must agree",
        "400 infer: input "input": 4 bytes — 2 elements of FP32 take 8",
        "400 infer: input "input": binary_data_size -8, 8 bytes are left — the body is cut off, or the size is wrong",
        "400 infer: input "input": NaN at element 1 — numbers must be finite; look for what is missing in your data",
        "400 infer: Inference-Header-Content-Length "99999", a body of 105 bytes — the length of the JSON in it",
        "400 infer: Inference-Header-Content-Length "abc", a body of 105 bytes — the length of the JSON in it",
      ]
    `);
    expect(await send(8, whole)).toMatchObject({ status: 200 });
  });
});

describe("a request that is not taken", () => {
  it("is one over the limit of bytes, of another type, or to another address", async () => {
    const found = [
      await post(JSON.stringify({ inputs: [input], id: "x".repeat(4000) })),
      await post("a=1", { "content-type": "application/x-www-form-urlencoded" }),
      await post("{}", {}, "/v2/models/other/infer"),
      await post("{}", {}, "/v2/models/toy/versions/2/infer"),
      await post("{}", {}, "/v3"),
    ];
    expect(found.map(({ status, error }) => `${status} ${error}`)).toMatchInlineSnapshot(`
      [
        "413 the body is too large — at most 4000 bytes; send fewer rows",
        "415 this content-type is not read — send application/json, or application/octet-stream with tensors as bytes",
        "404 model "other" is not served — there are: toy",
        "404 infer: model "toy" has no version "2"",
        "404 POST /v3 — no such address; see /v2, /v1/models, /metrics",
      ]
    `);
  });

  it("is one that plays tricks with the path", async () => {
    const paths = [
      "/v2/models/../../etc/passwd",
      "/v2/models/..%2f..%2fetc%2fpasswd/infer",
      "/v2/models/%2e%2e/infer",
      "/v2/models/toy%00/infer",
      "/v2/models/__proto__/infer",
      "/v2/models/toy/versions/constructor/infer",
      "/v2/models/%zz/infer",
      `/v2/models/${"a".repeat(5000)}/infer`,
      "//v2/models/toy/infer",
    ];
    const found = [];
    for (const path of paths) {
      const answer = await raw(
        server,
        `POST ${path} HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 2\r\nconnection: close\r\n\r\n{}`,
      );
      found.push(
        `${path.slice(0, 50)} ${answer.split("\r\n")[0].slice(9)} ${answer.split("\r\n\r\n")[1]?.slice(0, 100)}`,
      );
    }
    expect(found).toMatchInlineSnapshot(`
      [
        "/v2/models/../../etc/passwd 404 Not Found {"error":"POST /v2/models/../../etc/passwd — no such address; see /v2, /v1/models, /metrics"}",
        "/v2/models/..%2f..%2fetc%2fpasswd/infer 404 Not Found {"error":"model \\"../../etc/passwd\\" is not served — there are: toy"}",
        "/v2/models/%2e%2e/infer 404 Not Found {"error":"model \\"..\\" is not served — there are: toy"}",
        "/v2/models/toy%00/infer 404 Not Found {"error":"model \\"toy\\\\u0000\\" is not served — there are: toy"}",
        "/v2/models/__proto__/infer 404 Not Found {"error":"model \\"__proto__\\" is not served — there are: toy"}",
        "/v2/models/toy/versions/constructor/infer 404 Not Found {"error":"infer: model \\"toy\\" has no version \\"constructor\\""}",
        "/v2/models/%zz/infer 400 Bad Request {"error":"'/v2/models/%zz/infer' is not a valid url component"}",
        "/v2/models/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa 414 URI Too Long {"error":"'/v2/models/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
        "//v2/models/toy/infer 404 Not Found {"error":"POST //v2/models/toy/infer — no such address; see /v2, /v1/models, /metrics"}",
      ]
    `);
  });

  it("is one without a key, or with a wrong one; health is open", async () => {
    const status = async (path: string, authorization?: string) =>
      (await fetch(`${strict.url}${path}`, { headers: authorization ? { authorization } : {} })).status;
    const keys = [
      undefined,
      "",
      "right",
      "Bearer",
      "Bearer hunter1",
      "Bearer righ",
      "Bearer rightt",
      "Basic right",
    ];
    for (const key of keys) expect([key, await status("/v2/models/two", key)]).toEqual([key, 401]);
    for (const path of ["/metrics", "/v1/models", "/nowhere"])
      expect([path, await status(path)]).toEqual([path, 401]);
    expect(await status("/v2/models/two", "Bearer another")).toBe(200);
    expect([await status("/v2/health/live"), await status("/v2/health/ready")]).toEqual([200, 200]);
    expect(log.map((line) => JSON.parse(line)).filter(({ status }) => status === 401).length).toBeGreaterThan(
      8,
    );
    expect(await status("/v2/models/two", "Bearer hunter2")).toBe(200);
    expect(log.join("")).not.toMatch(/hunter/);
  });

  it("is one with another number of rows for each input", async () => {
    const a = { name: "input_0", shape: [2, 2], datatype: "FP32", data: [1, 2, 3, 4] };
    const b = { name: "input_1", shape: [1, 2], datatype: "INT32", data: [1, 2] };
    const ask = (inputs: object[]) =>
      post(JSON.stringify({ inputs }), { authorization: "Bearer right" }, "/v2/models/two/infer", strict);
    expect(await ask([a, b])).toMatchInlineSnapshot(`
      {
        "error": "infer: inputs of 2 and 1 rows — dim 0 is the batch, the same for all",
        "status": 400,
      }
    `);
    expect(
      await ask([
        { ...a, shape: [1, 2], data: [1, 2] },
        { ...b, data: [1.5, 2 ** 31] },
      ]),
    ).toMatchInlineSnapshot(`
      {
        "error": "infer: input "input_1": 1.5 at element 0 — INT32 is an integer from -2147483648 to 2147483647",
        "status": 400,
      }
    `);
    expect(await ask([b, { ...a, shape: [1, 2], data: [0.5, 2] }])).toMatchObject({ status: 200 });
  });
});

describe("a client that dawdles", () => {
  it("is cut off while it sends its headers, or its body", async () => {
    const heads = [
      "POST /v2/models/two/infer HTTP/1.1\r\nhost: x\r\n",
      "POST /v2/models/two/infer HTTP/1.1\r\nhost: x\r\nauthorization: Bearer right\r\ncontent-type: application/json\r\ncontent-length: 100\r\n\r\n{",
    ];
    const answers = await Promise.all(heads.map((head) => raw(strict, head)));
    for (const answer of answers) expect(answer).toMatch(/^HTTP\/1.1 408/);
  });
});

describe("a server that is overloaded", () => {
  const slow = (wait: () => Promise<unknown>): ServedModel => ({
    ...{ name: "slow", version: "1", engine: "test", batched: true },
    schema: {
      inputs: [{ name: "input", dtype: "float32", shape: [-1, 2] }],
      outputs: [{ name: "input", dtype: "float32", shape: [-1, 2] }],
    },
    infer: async (inputs) => {
      await wait();
      return inputs;
    },
  });
  /** A door that a test opens. */
  const door = () => {
    let open = () => {};
    const opened = new Promise<void>((resolve) => {
      open = resolve;
    });
    return { wait: () => opened, open };
  };
  /** Resolves when so many requests have been read. */
  const reader = (count: number) => {
    const { wait, open } = door();
    let left = count;
    return { arrived: wait(), hooks: [{ onRequest: () => (--left === 0 ? open() : undefined) }] };
  };
  const ask = async ({ url }: Server, value = 1) => {
    const response = await fetch(`${url}/v2/models/slow/infer`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ inputs: [{ ...input, data: [value, 2] }] }),
    });
    const body = await response.json();
    return { status: response.status, retryAfter: response.headers.get("retry-after"), body };
  };

  it("refuses with 503 and says when to come again", async () => {
    const { wait, open } = door();
    const { arrived, hooks } = reader(8);
    const server = await serve(slow(wait), { port: 0, maxBatch: 1, maxQueue: 2, hooks });
    const asked = Promise.all(Array.from({ length: 8 }, () => ask(server)));
    await arrived;
    open();
    const answers = await asked;
    const refused = answers.filter(({ status }) => status === 503);
    expect([answers.length - refused.length, refused.length]).toEqual([3, 5]);
    expect(refused[0].retryAfter).toBe("1");
    await server.close();
  });

  it("gives up with 504 at the deadline", async () => {
    const { wait, open } = door();
    const server = await serve(slow(wait), { port: 0, maxBatch: 1, maxWait: 0, deadline: 50 });
    const { status, body } = await ask(server);
    expect([status, body.error]).toMatchInlineSnapshot(`
      [
        504,
        "infer: no answer within 50 ms — the request is given up",
      ]
    `);
    open();
    await server.close();
  });

  it("answers what it has taken before it ends, and takes no more", async () => {
    const { wait, open } = door();
    const { arrived, hooks } = reader(6);
    const server = await serve(slow(wait), { port: 0, maxBatch: 2, hooks });
    const answers = Array.from({ length: 6 }, (_, i) => ask(server, i));
    await arrived;
    const closed = server.close();
    await expect(ask(server)).rejects.toThrow();
    open();
    expect((await Promise.all(answers)).map(({ status, body }) => [status, body.outputs[0].data[0]])).toEqual(
      [0, 1, 2, 3, 4, 5].map((i) => [200, i]),
    );
    await closed;
  });

  it("ends after its grace period, though a model hangs", async () => {
    const { arrived, hooks } = reader(1);
    const server = await serve(slow(door().wait), { port: 0, hooks, grace: 100 });
    const refused = ask(server).then(
      () => "answered",
      () => "cut off",
    );
    await arrived;
    await server.close();
    expect(await refused).toBe("cut off");
  });

  it("lets those go who hang up: their rows leave the queue", async () => {
    const { wait, open } = door();
    const [one, two, left] = [reader(1), reader(2), door()];
    let rows = 0;
    const model: ServedModel = {
      ...slow(wait),
      infer: async (inputs) => {
        rows += inputs.input.shape[0];
        await wait();
        return inputs;
      },
    };
    const onResponse = ({ status }: { status: number }) => (status === 499 ? left.open() : undefined);
    const hooks = [...one.hooks, ...two.hooks, { onResponse }];
    const server = await serve(model, { port: 0, maxBatch: 1, hooks });
    const first = ask(server);
    await one.arrived;
    const text = JSON.stringify({ inputs: [input] });
    const socket = connect(Number(new URL(server.url).port), "127.0.0.1");
    socket.write(
      `POST /v2/models/slow/infer HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: ${text.length}\r\n\r\n${text}`,
    );
    await two.arrived;
    socket.destroy();
    await left.wait();
    open();
    expect((await first).status).toBe(200);
    await server.close();
    expect(rows).toBe(1);
  });

  it("says nothing of its inside when a model fails", async () => {
    const lines: string[] = [];
    const failing: ServedModel = {
      ...slow(async () => {}),
      infer: async () => {
        throw new Error("secret path /etc");
      },
    };
    const server = await serve(failing, {
      port: 0,
      log: "error",
      logStream: { write: (line) => lines.push(line) },
    });
    const { status, body } = await ask(server);
    expect([status, body.error]).toEqual([
      500,
      expect.stringMatching(/^internal error; the log has more of request /),
    ]);
    expect(lines.join("")).toContain("secret path /etc");
    await server.close();
  });
});

describe("serve", () => {
  const folder = mkdtempSync(join(tmpdir(), "serve-"));
  afterAll(() => rmSync(folder, { recursive: true }));
  const path = (name: string, content: string | Uint8Array = "") => {
    writeFileSync(join(folder, name), content);
    return join(folder, name);
  };
  const refused = async (what: Parameters<typeof serve>[0], options: Parameters<typeof serve>[1] = {}) => {
    const error = await serve(what, { port: 0, ...options }).then(
      () => new Error("served"),
      (error: Error) => error,
    );
    return `${error.name}: ${error.message.replaceAll(folder, "folder").split("\n")[0]}`;
  };

  it("refuses files and folders that hold no whole model", async () => {
    const onnx = exportOnnx(model, zeros([1, 2]));
    const found = [
      await refused(join(folder, "nothing.onnx")),
      await refused(path("model.safetensors")),
      await refused(path("cut.onnx", onnx.subarray(0, 100))),
      await refused(folder),
    ];
    path("config.json", '{"model_type": "gpt2"}');
    path("tokenizer.json", "{}");
    found.push(await refused(folder));
    expect(found).toMatchInlineSnapshot(`
      [
        "FormatError: serve: folder/nothing.onnx — no such file or folder",
        "FormatError: serve: folder/model.safetensors — give an .onnx file, or a folder with config.json, model.safetensors and a tokenizer; exportOnnx writes the former",
        "FormatError: serve: ONNX Runtime refuses the model of 100 bytes — Failed to load model because protobuf parsing failed.",
        "FormatError: serve: folder has no config.json — a folder of a pretrained GPT has one; was it copied whole?",
        "FormatError: loadTokenizer("folder"): tokenizer.json: model is undefined — an object was expected; this is no tokenizer.json",
      ]
    `);
  });

  it("refuses settings that make no sense", async () => {
    const example = zeros([1, 2]);
    const found = [
      await refused(model),
      await refused(model, { example, maxBatch: 0 }),
      await refused(model, { example, maxWait: 1.5 }),
      await refused(model, { example, port: 70_000 }),
      await refused(model, { example, maxWait: 50, deadline: 50 }),
      await refused(model, { example, keys: ["a b"] }),
      await refused(model, { example, name: "../toy" }),
      await refused(model, { example, version: "" }),
      await refused(model, { example, port: Number(new URL(server.url).port) }),
    ];
    expect(
      found.map((line) => line.replace(/127\.0\.0\.1:\d+/, "address").replace(/port = \d{5},/, "port = …,")),
    ).toMatchInlineSnapshot(`
        [
          "TypeError: serve: no example — a module does not say what it takes; pass { example: zeros([1, 784]) }, its first dim the batch",
          "RangeError: serve: maxBatch = 0 — an integer ≥ 1",
          "RangeError: serve: maxWait = 1.5 — an integer ≥ 0",
          "RangeError: serve: port = 70000 — at most 65535",
          "RangeError: serve: maxWait = 50 ms, deadline = 50 ms — who waits must be answered before the deadline",
          "RangeError: serve: key 0 is empty, or has spaces — a key is one word, better a long random one",
          "RangeError: serve: name "../toy" — letters, digits, ".", "_" and "-", beginning with a letter or digit, at most 100",
          "RangeError: serve: version "" — letters, digits, ".", "_" and "-", beginning with a letter or digit, at most 100",
          "RangeError: serve: port = …, host = "127.0.0.1" — listen EADDRINUSE: address already in use address; give another, or port 0",
        ]
      `);
  });

  it("refuses a version with another schema, or one that is there", async () => {
    const slot = server.models.get("toy");
    if (!slot) throw new Error("no slot");
    const other = { ...slot.current, version: "2", schema: { ...slot.current.schema, inputs: [] } };
    expect(() => slot.add(other)).toThrowErrorMatchingInlineSnapshot(
      `[ShapeError: toy.add: version "2" takes  in place of input float32 [-1, 2] — clients of toy count on one schema; serve it under another name]`,
    );
    expect(() => slot.add(slot.current)).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: toy.add: version "1" — it is served already; give another]`,
    );
    expect(() => slot.promote("9")).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: toy.promote: version "9" — there are 1]`,
    );
    await expect(slot.retire("1")).rejects.toThrowErrorMatchingInlineSnapshot(
      `[RangeError: toy.retire: version "1" is the current one — promote another first]`,
    );
  });
});

async function post(
  body: string | Buffer,
  headers: Record<string, string> = {},
  path = "/v2/models/toy/infer",
  { url } = server,
): Promise<{ status: number; error?: string }> {
  const response = await fetch(`${url}${path}`, {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body: body as string,
  });
  const { error } = (await response.json()) as { error?: string };
  return { status: response.status, ...(error === undefined ? {} : { error }) };
}

/** What a server says to these bytes, until it closes the connection. */
function raw({ url }: Server, text: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(Number(new URL(url).port), "127.0.0.1");
    let answer = "";
    socket.setEncoding("utf8");
    socket.on("data", (part) => {
      answer += part;
    });
    socket.on("error", reject);
    socket.on("close", () => resolve(answer));
    socket.write(text);
  });
}
