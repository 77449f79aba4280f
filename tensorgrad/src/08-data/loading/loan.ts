import type { Scope, Storage } from "../../00-runtime/index.ts";
import type { Batch } from "../../07-training/index.ts";

/** A batch that is taken back, unless somebody (`step.keep`) has made it theirs. */
export class Loan {
  readonly batch: Batch;
  #made: { readonly storage: Storage; readonly owner: Storage["owner"] }[] = [];

  constructor(batch: Batch, workspace: Scope) {
    this.batch = batch;
    for (const tensor of [batch.x, batch.y]) {
      if (!workspace.owns(tensor)) continue; // the data set's own tensor, not made for this batch
      workspace.keep(tensor);
      this.#made.push({ storage: tensor.storage, owner: tensor.storage.owner });
    }
  }

  end(): void {
    for (const { storage, owner } of this.#made) if (storage.owner === owner) storage.free();
  }
}
