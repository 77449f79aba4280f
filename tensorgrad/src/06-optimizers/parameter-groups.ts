import { refuseOtherCopy } from "../00-runtime/index.ts";
import { isTensor, type Tensor } from "../01-tensor/index.ts";

/** Parameters that share settings. */
export interface ParameterGroup<Settings> {
  readonly params: readonly Tensor[];
  /** May be changed between steps, by hand or by a schedule; the next step goes by them. */
  readonly settings: Settings;
}

/** What the caller gives: parameters, or groups of them that override some settings. */
export type Parameters<Settings> =
  | readonly Tensor[]
  | readonly (Partial<Settings> & { readonly params: readonly Tensor[] })[];

/** Lists among the settings are copied, too: groups share nothing. */
export const copied = <Settings extends object>(settings: Settings): Settings =>
  Object.fromEntries(
    Object.entries(settings).map(([name, value]) => [name, Array.isArray(value) ? [...value] : value]),
  ) as Settings;

/** What the caller gave, as groups with all their settings. */
export function grouped<Settings extends object>(
  call: string,
  params: Parameters<Settings>,
  defaults: Settings,
): ParameterGroup<Settings>[] {
  const remedy = "pass model.parameters(), or groups { params, … }";
  if (!Array.isArray(params)) throw new TypeError(`${call}: parameters are no list — ${remedy}`);
  for (const p of params) if (p) refuseOtherCopy(call, "a parameter", p);
  const tensors = params.filter(isTensor);
  if (tensors.length === params.length) return [{ params: tensors, settings: copied(defaults) }];
  if (tensors.length > 0)
    throw new TypeError(
      `${call}: parameters mixed with groups — pass either tensors or groups { params, … }`,
    );
  return params.map((group, i) => {
    if (!Array.isArray(group?.params) || !group.params.every(isTensor))
      throw new TypeError(`${call}: group ${i} has no list of tensors as params — ${remedy}`);
    const { params, ...overrides } = group;
    const unknown = Object.keys(overrides).filter((key) => !Object.hasOwn(defaults, key));
    if (unknown.length > 0) {
      const known = Object.keys(defaults).join(", ");
      throw new RangeError(`${call}: group ${i} sets ${unknown.join(", ")} — settings are ${known}`);
    }
    return { params: [...params], settings: copied({ ...defaults, ...overrides }) };
  });
}
