import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { hashOf } from "../author/probes.ts";
import { BundleError, Bundler } from "../engine/bundle.ts";
import { type Catalogue, type Entry, readCatalogue, root } from "../engine/catalogue.ts";
import { effectiveFiles } from "../engine/learner-files.ts";
import type { Outcome } from "../engine/outcome.ts";
import { checking } from "../engine/programs.ts";
import { Runner } from "../engine/runner.ts";
import type { Job } from "../engine/wire.ts";
import { partsOf, readProgress, type Standing, standingOf, updateProgress } from "./progress.ts";
import { unbuilt, type Verdict, verdictOf } from "./verdict.ts";
import { Workspace } from "./workspace.ts";

/** A command that was called wrongly: exit code 2. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

export interface LearnOptions {
  readonly catalogue?: Catalogue;
  /** The learner's folder; else what LEARN_WORKSPACE says, or `workspace/`. */
  readonly workspace?: string;
}

/** Exercises, the learner's folder and the means to check: what all verbs work with. */
export class Learn implements AsyncDisposable {
  readonly catalogue: Catalogue;
  readonly workspace: Workspace;
  readonly bundler: Bundler;
  readonly runner: Runner;

  private constructor(catalogue: Catalogue, workspace: string) {
    this.catalogue = catalogue;
    this.workspace = new Workspace(workspace);
    this.bundler = new Bundler(root);
    this.runner = new Runner(root);
  }

  static async open({ catalogue, workspace }: LearnOptions = {}): Promise<Learn> {
    const folder = workspace ?? process.env.LEARN_WORKSPACE ?? join(root, "workspace");
    return new Learn(catalogue ?? (await readCatalogue()), folder);
  }

  get entries(): readonly Entry[] {
    return this.catalogue.entries;
  }

  /**
   * The exercise of an id, or the current one.
   *
   * Throws    UsageError for an id that no exercise has
   */
  entry(id?: string): Entry {
    if (id === undefined) return this.current();
    const found = this.entries.find(({ exercise }) => exercise.id === id);
    if (found) return found;
    const near = this.entries
      .map(({ exercise }) => exercise.id)
      .filter((one) => one.includes(id) || id.includes(one) || one.startsWith(id.slice(0, 6)));
    throw new UsageError(
      `${id}: there is no such exercise${near.length ? `; do you mean ${near.slice(0, 5).join(", ")}?` : ""} — npm run learn -- list shows all`,
    );
  }

  /** The chosen exercise, or the first that has not passed. */
  current(): Entry {
    if (this.entries.length === 0) throw new UsageError("there are no exercises in notes/learn/exercises");
    const { current } = readProgress(this.workspace);
    const chosen = this.entries.find(({ exercise }) => exercise.id === current);
    return chosen ?? this.next(-1) ?? this.entries[this.entries.length - 1];
  }

  /** The first exercise behind a place that has not passed, or before it; null if all have. */
  next(place: number): Entry | null {
    const order = [...this.entries.slice(place + 1), ...this.entries.slice(0, place + 1)];
    return order.find((entry) => this.standing(entry) !== "passed") ?? null;
  }

  standing(entry: Entry): Standing {
    const progress = readProgress(this.workspace);
    return standingOf(this.catalogue, this.workspace, progress, entry, hashOf(this.checksOf(entry)));
  }

  checksOf({ check }: Entry): string {
    return existsSync(check) ? readFileSync(check, "utf8") : "";
  }

  /** Sees to it that the exercise's file is there; what was done, as sentences. */
  ensure(entry: Entry): string[] {
    return this.workspace.ensure(this.catalogue, entry);
  }

  /** Runs the checks of an exercise on the learner's files, and remembers what passed. */
  async check(
    entry: Entry,
    options: Partial<Pick<Job, "seed" | "seconds" | "bytes">> = {},
  ): Promise<Verdict> {
    const began = performance.now();
    const files = effectiveFiles(this.catalogue, entry, this.workspace.folder);
    const parts = (ran: readonly string[]) => partsOf(this.catalogue, this.workspace, entry, ran);
    const before = parts(this.entries.map(({ exercise }) => exercise.id));
    const checks = this.checksOf(entry);
    const found = await this.#run(entry, files, checks, options);
    const verdict = { ...found, milliseconds: Math.round(performance.now() - began) };
    // What passed is what was bundled: a file saved meanwhile has not passed.
    const kept = Object.keys(parts(verdict.ran)).map((part) => [part, before[part]] as const);
    this.#remember(entry, verdict, Object.fromEntries(kept), hashOf(checks));
    return verdict;
  }

  async #run(
    entry: Entry,
    files: ReturnType<typeof effectiveFiles>,
    checks: string,
    options: Partial<Job>,
  ): Promise<Verdict> {
    const { entry: program, overlay } = checking(entry, files.overlay);
    try {
      const bundle = await this.bundler.bundle(program, overlay);
      return verdictOf(entry, files, await this.runner.run(bundle, options), checks);
    } catch (error) {
      if (!(error instanceof BundleError)) throw error;
      return unbuilt(entry, files, error, checks);
    }
  }

  /**
   * Runs a program of ours with the learner's files in place of the sources, as far as the exercise's module goes.
   *
   * Throws    BundleError if a file does not parse
   */
  async runProgram(
    entry: Entry,
    program: string,
    options: Partial<Job>,
  ): Promise<{ readonly outcome: Outcome }> {
    const { overlay } = effectiveFiles(this.catalogue, entry, this.workspace.folder);
    const bundle = await this.bundler.bundle(program, overlay);
    return { outcome: await this.runner.run(bundle, options) };
  }

  /** The last exercise of the modules up to a number. */
  lastUpTo(number: string): Entry {
    const found = this.entries.findLast(({ module }) => module.slice(0, 2) <= number);
    if (!found) throw new UsageError(`there are no exercises up to module ${number}`);
    return found;
  }

  #remember(
    entry: Entry,
    { passed, changedChecks }: Verdict,
    parts: Record<string, string>,
    check: string,
  ): void {
    const { id } = entry.exercise;
    updateProgress(this.workspace, (progress) => {
      if (!passed || changedChecks) return {};
      const assisted = progress.passed[id]?.assisted ?? progress.shown.includes(id);
      const at = new Date().toISOString();
      return { passed: { ...progress.passed, [id]: { parts, check, at, assisted } } };
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.runner[Symbol.dispose]();
    await this.bundler[Symbol.asyncDispose]();
  }
}
