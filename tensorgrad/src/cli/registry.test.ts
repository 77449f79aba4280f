import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { finish, makeRun } from "../../tests/07-training/training-run.fixture.ts";
import { onnxFile } from "../../tests/21-serving/models.fixture.ts";
import { Checkpoints, Experiment } from "../entries/train/node.ts";
import { main } from "./main.ts";

let root: string;
beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), "registry-cli-"));
  const experiment = new Experiment({
    name: "spiral",
    root: join(root, "runs"),
    seed: 1,
    tensorboard: false,
  });
  const checkpoints = new Checkpoints({ folder: experiment.path("checkpoints"), best: "validation.loss" });
  await finish(makeRun({ seed: 1, callbacks: [experiment, checkpoints] }));
});
afterAll(() => rmSync(root, { recursive: true }));

async function registry(...args: string[]): Promise<string> {
  let said = "";
  const hear = (text: string): void => {
    said += `${text}`;
  };
  const code = await main(["registry", ...args, "--folder", join(root, "models")], hear, hear);
  return `${code} ${said
    .trim()
    .replaceAll(root, "…")
    .replace(/\d{4}-\d\d-\d\d \d\d:\d\d/g, "<time>")}`;
}

describe("tensorgrad registry", () => {
  it("takes a run's best checkpoint in one command, promotes, rolls back and lists", async () => {
    const runs = ["--runs", join(root, "runs")];
    expect(await registry("add", "spiral-001", ...runs, "--promote")).toBe("0 spiral 1 is added and current");
    expect(await registry("add", "spiral", ...runs, "--note", "again")).toBe("0 spiral 2 is added");
    expect(await registry("promote", "spiral", "2")).toBe("0 spiral 2 is current");
    expect(await registry("rollback", "spiral")).toBe("0 spiral 1 is current");
    const list = (await registry("list")).split("\n");
    expect(list[0]).toMatch(/^0 +model +version +added \(UTC\) +kind +run +metrics$/);
    expect(list[1]).toMatch(/^→ +spiral +1 +<time> +safetensors +spiral-001, epoch \d+ +train\.loss 0\./);
    expect(list[2]).toMatch(/^ +spiral +2 +<time>/);
    const [first] = JSON.parse((await registry("list", "spiral", "--json")).slice(2));
    expect(first.run).toMatchObject({ id: "spiral-001", checkpoint: "checkpoints/best.safetensors" });
  });

  it("finds damage, and says by its exit code that there is some", async () => {
    writeFileSync(join(root, "a.onnx"), onnxFile(1));
    expect(await registry("add", join(root, "a.onnx"), "--model", "net")).toBe("0 net 1 is added");
    expect((await registry("verify")).slice(0, 2)).toBe("0 ");
    writeFileSync(join(root, "models/net/versions/1/model.onnx"), "rubbish");
    expect(await registry("verify", "net")).toMatch(/^1 .*damaged: /s);
    expect(await registry("verify", "spiral")).toMatch(/^0 /);
  });

  it("refuses in a sentence", async () => {
    expect(await registry("add", join(root, "a.onnx"))).toMatchInlineSnapshot(
      `"2 tensorgrad: registry add …/a.onnx: a file has no model's name — pass --model <name>"`,
    );
    expect(await registry("add", "none.onnx", "--model", "net")).toMatchInlineSnapshot(
      `"2 tensorgrad: Registry.add("net", none.onnx): there is no such file — expected a model's file"`,
    );
    expect(await registry("add", "mlp", "--runs", join(root, "runs"))).toContain(
      "2 tensorgrad: runs: no run mlp",
    );
    expect(await registry("list", "nothing")).toMatchInlineSnapshot(
      `"2 tensorgrad: registry list: no versions of nothing in …/models — tensorgrad registry add makes them; name another folder with --folder"`,
    );
    expect(await registry("promote", "../x", "1")).toContain('2 tensorgrad: Registry.promote("../x", 1)');
    writeFileSync(join(root, "wide.onnx"), onnxFile(1, { outputs: 9 }));
    await registry("add", join(root, "wide.onnx"), "--model", "other", "--promote");
    writeFileSync(join(root, "narrow.onnx"), onnxFile(1));
    const refused = await registry("add", join(root, "narrow.onnx"), "--model", "other", "--promote");
    expect(refused).toMatch(/^2 tensorgrad: Registry\.promote\("other", 2\): version 2 has output/);
    expect(await registry("promote", "other", "2", "--new-schema")).toBe("0 other 2 is current");
  });
});
