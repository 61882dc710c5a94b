import type { Birth, ModelReport, ReportedState } from "../../proto/messages.ts";
import { eventually } from "../support/end-to-end-waiting.ts";
import type { Bench } from "./check.ts";
import type { ControlSide } from "./control-side.ts";
import type { ConformancePackage } from "./packages.ts";

/** What the device said last of what it has, at birth or since; undefined before its first word from `from` on. */
export function lastReport(control: ControlSide, from = 0): ReportedState | undefined {
  return control.heard.slice(from).reduce<ReportedState | undefined>((last, one) => {
    if (one.kind !== "message") return last;
    if (one.message.kind === "birth" || one.message.kind === "reported") return one.message.reported;
    return last;
  }, undefined);
}

export function lastModel(control: ControlSide, from = 0): ModelReport | undefined {
  return lastReport(control, from)?.models[0];
}

/** Starts the device and waits for its birth. */
export async function born({ control, device }: Bench): Promise<Birth> {
  const from = control.heard.length;
  device.start();
  return control.hears("a birth", "birth", () => true, { from });
}

/** Waits until the device reports the package as its active one, with no update under way. */
export async function untilActive(
  control: ControlSide,
  { assignment }: ConformancePackage,
  from = 0,
): Promise<ModelReport> {
  const { version, package: digest } = assignment;
  try {
    return await eventually(
      `version ${version} is reported as active, and its update is over`,
      () => {
        const model = lastModel(control, from);
        return model?.active?.package === digest && model.phase === "idle" ? model : undefined;
      },
      { withinMs: 60_000 },
    );
  } catch (error) {
    throw new Error(`${(error as Error).message}; the last report is ${JSON.stringify(lastReport(control, from))}`);
  }
}

/** A device that runs the first package. */
export async function withFirst(bench: Bench): Promise<void> {
  await born(bench);
  bench.control.assign([bench.first]);
  await untilActive(bench.control, bench.first);
}

/** Waits for a whole exchange, so that what the device was going to do about earlier messages it has done. */
export async function settled(ms: number): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, ms));
}
