import model from "../../../../examples/checkpoints/04-tinygpt.safetensors";
import { startKernels } from "../lib/kernels.ts";
import { answerCalls } from "../lib/worker-calls.ts";
import rows from "./rows.safetensors";
import type { AttentionWork } from "./work.ts";
import { Writer } from "./writer.ts";

startKernels();

let writer: Writer | null = null;

const opened = (): Writer => {
  if (!writer) throw new Error("the model is not open yet");
  return writer;
};

answerCalls<AttentionWork>({
  async open(_, report) {
    const files = await loaded([model, rows], report);
    writer ??= new Writer(files[0], files[1]);
    return writer.facts;
  },
  read: ({ text, lifted }) => opened().read(text, { lifted }),
  count: ({ text, order }) => opened().count(text, order),
  begin(wish) {
    opened().begin(wish);
    return null;
  },
  more: ({ ms }) => opened().more(ms),
});

/** Addresses of files are relative to the script that names them. */
async function loaded(files: readonly string[], report: (share: number) => void): Promise<Uint8Array[]> {
  const answers = await Promise.all(files.map((file) => fetch(new URL(file, import.meta.url))));
  for (const { ok, status, url } of answers)
    if (!ok) throw new Error(`the model could not be loaded: ${status} for ${new URL(url).pathname}`);
  const total = answers.reduce((sum, { headers }) => sum + Number(headers.get("Content-Length") ?? 0), 0);
  let there = 0;
  const take = (bytes: number): void => {
    there += bytes;
    if (total > 0) report(Math.min(1, there / total));
  };
  return Promise.all(answers.map((answer) => bytesOf(answer, take)));
}

async function bytesOf({ body }: Response, take: (bytes: number) => void): Promise<Uint8Array> {
  if (!body) return new Uint8Array();
  const counted = body.pipeThrough(
    new TransformStream<Uint8Array, Uint8Array>({
      transform(part, to) {
        take(part.length);
        to.enqueue(part);
      },
    }),
  );
  return new Uint8Array(await new Response(counted).arrayBuffer());
}
