import { can, checked, expectArgument } from "../../00-runtime/index.ts";
import { decodeTensors, type TensorFile } from "../../07-training/index.ts";
import { onnxRuntimeModel } from "../engines/onnx-runtime.ts";
import type { ServedModel, Server } from "../types.ts";
import { type Following, type FollowOptions, follow } from "./follow.ts";
import type { Registry, StoredModel } from "./registry.ts";

/** Makes a model of weights: `(file, { version }) => { net.loadStateDict(file.tensors); return moduleModel(net, { name, version, example }); }` */
export type Build = (file: TensorFile, stored: StoredModel) => ServedModel | Promise<ServedModel>;

/**
 * A version, ready to be served: an ONNX file in ONNX Runtime, weights by `build`.
 *
 *   const server = await serve(await storedModel(await registry.read("digits")));
 *
 * Throws    TypeError for weights without `build`; what the engine throws
 */
export async function storedModel(stored: StoredModel, build?: Build): Promise<ServedModel> {
  expectArgument(
    typeof stored?.file === "string",
    "storedModel",
    "stored",
    stored,
    "what registry.read(…) gives",
  );
  const { model: name, version, content, file } = stored;
  if (file === "model.onnx") return onnxRuntimeModel(content, { name, version });
  if (build) return build(decodeTensors(content, `storedModel(${name}, ${version})`), stored);
  throw new TypeError(
    `storedModel(${name}, ${version}): weights without the model around them — pass a function that makes one and loads them, or add an ONNX file`,
  );
}

/**
 * Keeps what a server answers with at the registry's current version: every promotion and rollback is loaded beside the running
 * version, then takes over. Requests that are under way end with the version that they began with; none is refused or lost.
 *
 *   const following = await followRegistry(server, registry, "digits");
 *
 * Throws    RangeError for a model that the server does not serve; what loading the present version throws
 */
export async function followRegistry(
  server: Server,
  registry: Registry,
  model: string,
  given: FollowOptions & { readonly build?: Build } = {},
): Promise<Following> {
  const { build, ...options } = checked("followRegistry", given, ["build", "every", "onError"]);
  expectArgument(can(server?.models, "get"), "followRegistry", "server", server, "what serve(…) gives");
  const slot = server.models.get(model);
  if (!slot) {
    throw new RangeError(
      `followRegistry: ${model} is not served — the server has ${[...server.models.keys()].join(", ") || "no model"}`,
    );
  }
  const place = async (stored: StoredModel): Promise<void> => {
    const before = slot.current.version;
    if (before === stored.version) return;
    const isBeside = slot.versions.some(({ version }) => version === stored.version); // as a canary
    if (!isBeside) {
      const next = await storedModel(stored, build);
      return slot.swap(next).catch(async (error) => {
        if (slot.current !== next) await next.close?.(); // one that was refused
        throw error;
      });
    }
    slot.promote(stored.version);
    await slot.retire(before);
  };
  return follow(registry, model, place, options);
}
