import { parseDeviceId } from "../../proto/ids.ts";
import { temporaryDirectory } from "../support/temporary-directory.ts";
import { assignmentChecks } from "./assignment-checks.ts";
import type { Bench, Check } from "./check.ts";
import { connectionChecks } from "./connection-checks.ts";
import { ControlSide, newSideKey } from "./control-side.ts";
import { DeviceProgram } from "./device-program.ts";
import { fileChecks } from "./file-checks.ts";
import { digitsPackage } from "./packages.ts";
import { telemetryChecks } from "./telemetry-checks.ts";
import { updateChecks } from "./update-checks.ts";

export const conformanceChecks = {
  connection: connectionChecks,
  assignment: assignmentChecks,
  files: fileChecks,
  update: updateChecks,
  telemetry: telemetryChecks,
} as const satisfies Readonly<Record<string, readonly Check[]>>;

export interface CheckResult {
  readonly group: string;
  readonly name: string;
  /** Undefined: it passed. */
  readonly failure: string | undefined;
  /** The end of what the device's program wrote. */
  readonly written: string;
  readonly seconds: number;
}

/** Each check on a device that has never been started before. What `filter` is part of the name of is run, one after the other. */
export async function* runConformance(command: readonly string[], filter: string): AsyncGenerator<CheckResult> {
  const [publisher, stranger] = [newSideKey(), newSideKey()];
  const packages = {
    first: await digitsPackage("1", publisher),
    second: await digitsPackage("2", publisher),
    foreign: await digitsPackage("1", stranger),
  };
  let count = 0;
  for (const [group, checks] of Object.entries(conformanceChecks))
    for (const check of checks) {
      if (!`${group}: ${check.name}`.includes(filter)) continue;
      await using directory = await temporaryDirectory();
      await using control = await ControlSide.start(parseDeviceId(`device-${++count}`));
      await using device = new DeviceProgram(command, control, publisher.publicKey, directory.path);
      const startedAt = performance.now();
      const failure = await failureOf(check, { control, device, ...packages });
      await device.kill();
      yield {
        group,
        name: check.name,
        failure,
        written: device.written,
        seconds: (performance.now() - startedAt) / 1_000,
      };
    }
}

async function failureOf(check: Check, bench: Bench): Promise<string | undefined> {
  try {
    await check.run(bench);
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
  // Whatever was checked: all that a device says can be read, and the broker has nothing against it.
  const unreadable = bench.control.heard.find((one) => one.kind === "unreadable");
  if (unreadable?.kind === "unreadable")
    return `a message on ${unreadable.leaf} cannot be read: ${unreadable.problems.join("; ")}`;
  return bench.control.refusals[0];
}
