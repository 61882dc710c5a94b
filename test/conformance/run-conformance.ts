import { parseDeviceId } from "../../proto/ids.ts";
import { temporaryDirectory } from "../support/temporary-directory.ts";
import { assignmentChecks } from "./assignment-checks.ts";
import type { Bench, Check } from "./check.ts";
import { connectionChecks } from "./connection-checks.ts";
import type { SideKey } from "./control-side.ts";
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

/** What every check of a run works with: made once, because packing a model takes a second. */
export type ConformancePackages = Pick<Bench, "first" | "second" | "foreign" | "choice">;

export async function conformancePackages(publisher: SideKey): Promise<ConformancePackages> {
  return {
    first: await digitsPackage("1", publisher),
    second: await digitsPackage("2", publisher),
    foreign: await digitsPackage("1", newSideKey()),
    choice: await digitsPackage("1", publisher, ["nobody", "everybody"]),
  };
}

export interface CheckResult {
  /** Undefined: it passed. */
  readonly failure: string | undefined;
  /** The end of what the device's program wrote. */
  readonly written: string;
  readonly seconds: number;
}

/** One check on a device that has never been started before. Several may run at once: each has a broker and a directory of its own. */
export async function runCheck(
  check: Check,
  command: readonly string[],
  packages: ConformancePackages,
  publisher: SideKey,
): Promise<CheckResult> {
  await using directory = await temporaryDirectory();
  await using control = await ControlSide.start(parseDeviceId("device-1"));
  await using device = new DeviceProgram(command, control, publisher.publicKey, directory.path);
  const startedAt = performance.now();
  const failure = await failureOf(check, { control, device, ...packages });
  await device.kill();
  return { failure, written: device.written, seconds: (performance.now() - startedAt) / 1_000 };
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
