/** A page that shows a server at work. */
export { type DashboardOptions, type DashboardState, dashboard } from "./dashboard.ts";
export type { LoadSample } from "./load.ts";
export type { Curves } from "./trainings.ts";
