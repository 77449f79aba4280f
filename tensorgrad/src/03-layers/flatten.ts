import type { Tensor } from "../01-tensor/index.ts";
import { Module } from "./module.ts";

/** All dims from `start` on as one: images [N, C, H, W] become rows [N, C·H·W]. */
export class Flatten extends Module {
  readonly start: number;

  constructor(start = 1) {
    super();
    this.start = start;
  }

  protected override describe(): string {
    return this.start === 1 ? "" : `start: ${this.start}`;
  }

  override forward(x: Tensor): Tensor {
    return x.flatten(this.start);
  }
}
