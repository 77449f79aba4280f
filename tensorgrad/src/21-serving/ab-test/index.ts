/** Two versions tried against each other, and how soon one may decide. */
export {
  type ABState,
  ABTest,
  type ABTestOptions,
  type ABTestState,
  type ArmState,
  type Decision,
  type Outcome,
  type Verdict,
} from "./ab-test.ts";
export { type Arm, armAt, positionOf } from "./assign.ts";
export { Evidence, type EvidenceState } from "./evidence.ts";
export { type Outcomes, proportionTest } from "./fixed-test.ts";
export { differenceInterval, type Moments } from "./interval.ts";
export { Shadow, type ShadowOptions, type ShadowState } from "./shadow.ts";
export { type TrialOptions, trial } from "./trial.ts";
