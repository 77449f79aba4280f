/** Versions of models, one of each current. */
export type { AddOptions } from "./add.ts";
export { type Following, type FollowOptions, follow } from "./follow.ts";
export { type AddRunOptions, addRun } from "./from-run.ts";
export type { ModelKind, VersionSchema } from "./model-file.ts";
export type { Pointer } from "./pointer.ts";
export { type BrokenVersion, type PromoteOptions, Registry, type StoredModel } from "./registry.ts";
export { type Build, followRegistry, storedModel } from "./stored-model.ts";
export type { ParentRun, Version, VersionRecord } from "./version.ts";
