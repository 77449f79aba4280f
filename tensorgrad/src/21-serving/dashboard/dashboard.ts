import { createHash } from "node:crypto";
import type { ServerResponse } from "node:http";
import { checked } from "../../00-runtime/index.ts";
import type { ABState, ABTest, Shadow, ShadowState } from "../ab-test/index.ts";
import type { Monitor, MonitorState } from "../monitor/index.ts";
import type { Registry } from "../registry/index.ts";
import type { Routes, Server } from "../types.ts";
import { Load, type LoadSample } from "./load.ts";
import { page } from "./page.ts";
import { script } from "./script.ts";
import { curvesOf, trainings } from "./trainings.ts";

export interface DashboardOptions {
  readonly monitors?: readonly Monitor[];
  readonly tests?: readonly ABTest[];
  readonly shadows?: readonly Shadow[];
  /** The folder of runs. */
  readonly runs?: string;
  readonly registry?: Registry;
  /** Shows the page without a key: browsers send none by themselves. */
  readonly open?: boolean;
  /** How often the page is told, in ms. */
  readonly every?: number;
}

/** What the page is told. */
export interface DashboardState {
  readonly load: readonly LoadSample[];
  readonly versions: readonly { readonly model: string; readonly current: string; readonly others: string }[];
  readonly registered: readonly {
    readonly model: string;
    readonly version: string;
    readonly since: string;
  }[];
  readonly monitors: readonly MonitorState[];
  readonly tests: readonly ABState[];
  readonly shadows: readonly ShadowState[];
  readonly runs: ReturnType<typeof trainings>;
}

/** Browsers that watch at once. */
const WATCHERS = 20;
/** Bytes that a browser may leave unread before it is cut off. */
const UNREAD = 2 ** 20;

/**
 * One page at `/dashboard` that shows a server at work, live: load and latency, drift, A/B tests and shadows, training runs and
 * versions. It comes from the server whole, with no file beside it and nothing from elsewhere.
 *
 *   const server = await serve(model, { routes: [dashboard({ monitors: [monitor], tests: [test], runs: "runs" })] });
 *
 * `/dashboard/events` tells it what changes, as server-sent events; `/dashboard/runs/<id>` gives the curves of a run.
 */
export function dashboard(options: DashboardOptions = {}): Routes {
  const names = ["monitors", "tests", "shadows", "runs", "registry", "open", "every"] as const;
  const { open = false, runs, every = 1000 } = checked("dashboard", options, names);
  return (app, server) => {
    const config = { config: { open } };
    const watchers = new Set<ServerResponse>();
    const load = new Load(server);
    const forget = server.use(load.hooks());
    const read = reader(options);
    const text = page();
    const second = async (): Promise<void> => {
      const sample = await load.tick();
      if (watchers.size > 0) tell(watchers, { ...read(server), load: [sample] });
    };
    // What cannot be shown is logged, and the server goes on.
    const timer = setInterval(() => void second().catch((error) => app.log.error(error, "dashboard")), every);
    timer.unref();
    app.addHook("preClose", async () => {
      clearInterval(timer);
      forget();
      for (const one of watchers) one.end(); // or closing would wait for them
    });
    app.get("/dashboard", config, (_request, reply) => {
      void reply.type("text/html; charset=utf-8").header("content-security-policy", POLICY);
      void reply.header("cache-control", "no-cache").header("x-content-type-options", "nosniff");
      return text;
    });
    app.get("/dashboard/events", config, (_request, reply) => {
      if (watchers.size >= WATCHERS) {
        void reply.code(503).header("retry-after", 10);
        return { error: `dashboard: ${WATCHERS} pages watch already — close one` };
      }
      const state = { ...read(server), load: load.samples };
      reply.hijack();
      reply.raw.writeHead(200, {
        "content-type": "text/event-stream; charset=utf-8",
        "cache-control": "no-cache",
        "x-accel-buffering": "no",
      });
      watchers.add(reply.raw);
      reply.raw.on("close", () => watchers.delete(reply.raw));
      tell(new Set([reply.raw]), state);
      return reply;
    });
    app.get<{ Params: { id: string } }>("/dashboard/runs/:id", config, (request, reply) => {
      const found = runs === undefined ? null : curvesOf(runs, request.params.id);
      if (found) return found;
      void reply.code(404);
      return { error: `dashboard: no run ${JSON.stringify(request.params.id.slice(0, 100))}` };
    });
  };
}

/** Only the page's own script and style run, and it talks to nobody but its server. */
const POLICY = [
  "default-src 'none'",
  `script-src 'sha256-${createHash("sha256").update(script).digest("base64")}'`,
  "style-src 'unsafe-inline'",
  "connect-src 'self'",
  "img-src data:",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join("; ");

/** A browser that does not read is cut off; it asks again by itself. */
function tell(watchers: ReadonlySet<ServerResponse>, state: DashboardState): void {
  const text = `data: ${JSON.stringify(state)}\n\n`;
  for (const one of watchers) {
    if (one.writableLength > UNREAD) one.destroy();
    else one.write(text);
  }
}

/** How long a list of runs is kept: their folders are read anew after that. */
const FRESH = 5000;

function reader({ monitors = [], tests = [], shadows = [], runs, registry }: DashboardOptions) {
  let [known, readAt]: [DashboardState["runs"], number] = [[], Number.NEGATIVE_INFINITY];
  return (server: Server): Omit<DashboardState, "load"> => {
    if (runs !== undefined && performance.now() - readAt > FRESH)
      [known, readAt] = [trainings(runs), performance.now()];
    const versions = [...server.models.values()].map(({ name, current, versions: all }) => ({
      model: name,
      current: current.version,
      others: all.flatMap(({ version }) => (version === current.version ? [] : [version])).join(", "),
    }));
    return {
      versions,
      registered: registry ? registered(registry) : [],
      monitors: monitors.map((monitor) => monitor.state()),
      tests: tests.map((test) => test.state()),
      shadows: shadows.map((shadow) => shadow.state()),
      runs: known,
    };
  };
}

function registered(registry: Registry): DashboardState["registered"] {
  return registry.models().map((model) => {
    try {
      const { version = "–", since = "" } = registry.history(model) ?? {};
      return { model, version, since };
    } catch (error) {
      return { model, version: "damaged", since: error instanceof Error ? error.message : String(error) };
    }
  });
}
