import { DisposedError } from "../errors.ts";
import { markTurn, onTurnEnd } from "../turn.ts";
import { unwatch, watch } from "./garbage.ts";
import type { Scope } from "./scope.ts";
import type { Storage } from "./storage.ts";

/** Up to so many storages nobody looks whether all are still owned. */
const CROWDED = 1024;

/** Of arenas that own nothing yet: nobody writes to it. */
const none: Storage[] = [];

interface Held {
  readonly storage: Storage;
}

/**
 * The tensors that end together. A user holds a `Scope` around it, so that the collector can find a scope that nobody will
 * close: that of a generator left at a `yield`.
 *
 * Each tensor belongs to the innermost arena opened in the present turn of the event loop: what a synchronous block makes is
 * its own. When the turn ends, open arenas wait for their functions to come back from an `await`, and nobody can tell which
 * one does. What is made then, outside of new arenas, belongs to the one that waits, or to all of them together.
 */
export class Arena implements Disposable {
  readonly parent: Arena | null;
  #owned: Storage[] = none;
  #letOut: Storage[] | null = null;
  #holder: Scope | null;
  #waited = false;
  #crowded = CROWDED;
  #isOpen = true;

  constructor(parent: Arena | null, holder: Scope | null = null) {
    this.parent = parent;
    this.#holder = holder;
  }

  /** Whether tensors that are made now belong to it. */
  get isOpen(): boolean {
    return this.#isOpen;
  }

  /** The innermost open arena around this one, itself included. */
  get open(): Arena | null {
    return this.#isOpen ? this : (this.parent?.open ?? null);
  }

  /** Whether a turn ended while it was open. */
  get waited(): boolean {
    return this.#waited;
  }

  /** Whether it frees this tensor when it closes. */
  owns({ storage }: Held): boolean {
    return storage.owner === this;
  }

  /**
   * Lets a tensor out: it belongs to the surrounding arena. Where that one waits, it may be another function's and end too
   * early: then, and where there is none, the collector decides.
   */
  keep<T extends Held>(tensor: T): T {
    const { storage } = tensor;
    if (storage.freed) {
      throw new DisposedError("keep: a tensor whose memory was freed — keep it before its scope ends");
    }
    const outer = this.parent?.open ?? null;
    const { owner } = storage;
    if (owner === this || (owner instanceof Joint && owner.members.has(this))) {
      give(storage, isShared(outer) ? null : outer);
      if (storage.owner) {
        this.#letOut ??= [];
        this.#letOut.push(storage);
      }
    }
    return tensor;
  }

  /** The turn has ended: the arena around may be that of another function, which was called before in the same turn. */
  wait(): void {
    this.#waited = true;
    if (this.#holder) abandoned.register(this.#holder, this, this);
    this.#holder = null;
    for (const storage of this.#letOut ?? [])
      if (storage.owner === this.parent && !storage.freed) give(storage, null);
    this.#letOut = null;
  }

  /** Runs `fn` as if it stood outside: what it makes belongs to the surrounding arena. */
  outside<T>(fn: () => T): T {
    const inner = current;
    current = this.parent?.open ?? null;
    try {
      return fn();
    } finally {
      current = inner;
    }
  }

  /** Frees everything that it owns. */
  dispose(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    if (this.#waited) abandoned.unregister(this);
    leave(this);
    if (this.#owned.length === 0) return;
    for (const storage of this.#owned) if (storage.owner === this) storage.free();
    this.#owned = none;
  }

  [Symbol.dispose](): void {
    this.dispose();
  }

  /** Ends and frees nothing: what it owns goes to another, or to the collector. */
  handTo(other: Arena | null): void {
    this.#isOpen = false;
    leave(this);
    for (const storage of this.#owned) if (storage.owner === this && !storage.freed) give(storage, other);
    this.#owned = none;
  }

  /** For `own` only. When the list has doubled, entries that were freed or now belong to another arena are dropped. */
  adopt(storage: Storage): void {
    if (this.#owned === none) this.#owned = [];
    else if (this.#owned.length >= this.#crowded) {
      this.#owned = this.#owned.filter((other) => other.owner === this && !other.freed);
      this.#crowded = Math.max(CROWDED, 2 * this.#owned.length);
    }
    this.#owned.push(storage);
  }
}

/**
 * A scope that is found dead while its arena waits was left by its generator: the tensors go to the collector. What ends in the
 * turn in which it was opened is not registered: that would take ten times as long as the rest.
 */
const abandoned = new FinalizationRegistry<Arena>((arena) => arena.handTo(null));

/** What several functions that wait own together: it ends with the last of them. */
class Joint extends Arena {
  readonly members: Set<Arena>;

  constructor(members: Iterable<Arena>) {
    super(null);
    this.members = new Set(members);
  }

  override get waited(): boolean {
    return true;
  }

  /** One less: what is left may be a single arena, or another joint's members. */
  without(arena: Arena): void {
    if (!this.members.delete(arena)) return;
    const [only] = this.members;
    const same = this.members.size === 1 ? only : jointOf(this.members, this);
    if (!same) return;
    joints.delete(this);
    this.handTo(same);
  }
}

let current: Arena | null = null;
const waiting = new Set<Arena>();
const joints = new Set<Joint>();

/** The arena that tensors made now belong to; null for the collector. */
export const currentArena = (): Arena | null => current;

/** Opens an arena, to be closed by `using`; `holder` is the scope in a user's hands, if there is one. */
export function arena(holder: Scope | null = null): Arena {
  markTurn();
  current = new Arena(current, holder);
  return current;
}

/** No arena of this turn. */
const isShared = (arena: Arena | null): boolean => arena === null || arena.waited;

const jointOf = (members: ReadonlySet<Arena>, except?: Joint): Joint | undefined =>
  [...joints].find((joint) => joint !== except && isSame(joint.members, members));

const isSame = (a: ReadonlySet<Arena>, b: ReadonlySet<Arena>): boolean =>
  a.size === b.size && [...a].every((arena) => b.has(arena));

/** The owner of what is made outside of this turn's arenas. */
function ownerInWait(): Arena | null {
  if (waiting.size === 0) return null;
  const [first] = waiting;
  if (waiting.size === 1) return first;
  const joint = jointOf(waiting) ?? new Joint(waiting);
  joints.add(joint);
  return joint;
}

/** Arenas of overlapping functions end in any order: the innermost one still open takes over. */
function leave(arena: Arena): void {
  if (arena.waited && waiting.delete(arena)) for (const joint of [...joints]) joint.without(arena);
  while (current && !current.isOpen) current = current.parent;
  if (isShared(current)) current = ownerInWait();
}

onTurnEnd(() => {
  if (isShared(current)) return;
  for (let arena = current; arena && !isShared(arena); arena = arena.parent) {
    if (!arena.isOpen) continue;
    arena.wait();
    waiting.add(arena);
  }
  current = ownerInWait();
});

/** Hands a storage to an arena, or to the collector (`null`). An arena that has ended passes it on to its parent. */
export function give(storage: Storage, owner: Arena | null): void {
  if (storage.owner === null) unwatch(storage);
  storage.owner = owner?.open ?? null;
  if (storage.owner) storage.owner.adopt(storage);
  else watch(storage);
}
