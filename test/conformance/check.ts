import type { ControlSide } from "./control-side.ts";
import type { DeviceProgram } from "./device-program.ts";
import type { ConformancePackage } from "./packages.ts";

/** What a check works with: a device that has never been started, and the control side that it will find. */
export interface Bench {
  readonly control: ControlSide;
  readonly device: DeviceProgram;
  /** Versions 1 and 2 of one model, of the publisher that the device trusts. */
  readonly first: ConformancePackage;
  readonly second: ConformancePackage;
  /** Version 1, signed by somebody else. */
  readonly foreign: ConformancePackage;
  /** Version 1 once more, with a variant for an architecture that nobody has before the one for everybody. */
  readonly choice: ConformancePackage;
}

/** One thing that every implementation must do. */
export interface Check {
  readonly name: string;
  /** It takes most of a minute: a clock of the protocol must run out in it. */
  readonly isSlow?: true;
  /** Fails with an error that says what the device did instead. */
  run(bench: Bench): Promise<void>;
}

export function mustBe(holds: boolean, otherwise: string): asserts holds {
  if (!holds) throw new Error(otherwise);
}
