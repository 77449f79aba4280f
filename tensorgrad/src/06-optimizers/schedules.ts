/** The learning rate of every step, counted from 0. */
export interface Schedule {
  getLr(step: number): number;
  /** For schedules that look at results: told the monitored value after every epoch. */
  observe?(value: number): void;
  /** Which value `observe` wants, such as "validation.loss". */
  readonly monitor?: string;
  stateDict?(): Readonly<Record<string, number>>;
  loadStateDict?(state: Readonly<Record<string, number>>): void;
}
