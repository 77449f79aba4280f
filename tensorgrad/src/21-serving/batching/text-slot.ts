import type { TextModel } from "../engines/text.ts";
import { Turns } from "./turns.ts";

/** A model that writes, and those who wait for it. */
export class TextSlot {
  readonly model: TextModel;
  readonly turns: Turns;

  constructor(model: TextModel, { maxStreams, maxQueue }: { maxStreams: number; maxQueue: number }) {
    this.model = model;
    this.turns = new Turns(maxStreams, maxQueue);
  }
}
