import { access, stat } from "node:fs/promises";
import { tmpdir, totalmem } from "node:os";
import { readDeviceProfile } from "../../adapters/node/device-profile.ts";
import type { EngineName } from "../../adapters/node/inference-engine.ts";
import { onnxRuntimeInChild } from "../../adapters/node/onnxruntime-child.ts";
import type { RuntimeProbe } from "../../adapters/node/probe-runtime.ts";
import { probeRuntime } from "../../adapters/node/probe-runtime.ts";
import type { DeviceProfile } from "../../../proto/messages.ts";
import { hours, mebibytes, minutes } from "../../../proto/units.ts";
import { sizeText } from "../console-text.ts";
import { readHostFacts } from "../host-facts.ts";
import type { Finding } from "./finding.ts";
import { failed, ok, warning } from "./finding.ts";
import type { Patient } from "./patient.ts";

export interface ClockFacts {
  readonly nowMs: number;
  /** It cannot be earlier than this: when the agent was made, or when its assignment was signed. */
  readonly earliestMs: number;
  readonly hasRealTimeClock: boolean;
  /** The control plane's time at the same moment; undefined when it was not heard. */
  readonly serverMs: number | undefined;
}

export async function checkClock({ stored }: Pick<Patient, "stored">, serverMs: number | undefined): Promise<Finding> {
  const made = await stat(new URL(import.meta.url)).catch(() => undefined);
  const exists = async (path: string) =>
    await access(path).then(
      () => true,
      () => false,
    );
  return judgeClock({
    nowMs: Date.now(),
    earliestMs: Math.max(made?.mtimeMs ?? 0, stored.state?.assignment?.issuedAtMs ?? 0),
    hasRealTimeClock: (await exists("/sys/class/rtc/rtc0")) || (await exists("/dev/rtc0")),
    serverMs,
  });
}

/** A wrong clock stops nothing: durations have a clock of their own. It makes the device's time stamps useless, and TLS fail. */
export function judgeClock({ nowMs, earliestMs, hasRealTimeClock, serverMs }: ClockFacts): Finding {
  const check = "clock";
  const time = (ms: number) => `${new Date(ms).toISOString().slice(0, 19).replace("T", " ")} UTC`;
  const noRtc = hasRealTimeClock ? "" : "; no real-time clock: it starts wrong after each power cut, until it is set";
  const advice = "set it: timedatectl set-ntp true, or date -u -s; TLS connections need it";
  if (serverMs !== undefined && Math.abs(serverMs - nowMs) > minutes(2)) {
    const off = Math.round(Math.abs(serverMs - nowMs) / 1_000);
    return failed(
      check,
      `${time(nowMs)}, ${off} s ${nowMs < serverMs ? "behind" : "ahead of"} the control plane${noRtc}`,
      advice,
    );
  }
  if (nowMs < earliestMs - hours(24))
    return failed(check, `${time(nowMs)} is before ${time(earliestMs)}, when it was certainly later${noRtc}`, advice);
  return ok(check, `${time(nowMs)}${noRtc}`);
}

export async function checkMemory({ data, holder }: Pick<Patient, "data" | "holder">): Promise<Finding> {
  const { memory } = await readHostFacts(data, holder);
  return judgeMemory(memory.availableBytes, totalmem());
}

/** The daemon takes about 80 MB, each model's process about as much and what the model needs; a trial runs two of them. */
export function judgeMemory(availableBytes: number, totalBytes: number): Finding {
  const check = "memory";
  const says = `${sizeText(availableBytes)} of ${sizeText(totalBytes)} available`;
  if (availableBytes >= mebibytes(128)) return ok(check, says);
  return warning(check, says, "a model on trial runs beside the present one and may not fit; stop something else");
}

export async function checkProcessor(enrolled: string | undefined): Promise<Finding> {
  const runtime = { name: "onnxruntime-node", version: "" };
  return judgeProcessor(await readDeviceProfile({ hardware: enrolled, runtime }));
}

export function judgeProcessor({ architecture, cpuFlags, hardware }: DeviceProfile): Finding {
  const check = "processor";
  const flags = cpuFlags.length === 0 ? "no flags that matter" : cpuFlags.join(" ");
  const name = hardware === architecture ? architecture : `${hardware}, ${architecture}`;
  return ok(check, `${name}: ${flags}`);
}

/** What the agent's own choice at its start would come to. */
export async function checkRuntime(
  { data, config }: Pick<Patient, "data" | "config">,
  signal: AbortSignal,
): Promise<Finding> {
  const { engine } = config.runtime;
  const first = await probeEngine(engine === "wasm" ? "wasm" : "native", data, signal);
  if (engine !== "auto" || first.probe.kind !== "fails") return judgeRuntime(first, undefined);
  return judgeRuntime(first, await probeEngine("wasm", data, signal));
}

interface ProbedRuntime {
  readonly name: string;
  readonly version: string;
  readonly probe: RuntimeProbe;
}

async function probeEngine(engine: EngineName, data: string, signal: AbortSignal): Promise<ProbedRuntime> {
  const runtime = onnxRuntimeInChild({ engine });
  const { name, version } = runtime;
  return { name, version, probe: await probeRuntime(runtime, [data, tmpdir()], signal) };
}

/** `instead`: what was tried because the first does not run. */
export function judgeRuntime(first: ProbedRuntime, instead: ProbedRuntime | undefined): Finding {
  const check = "onnxruntime";
  const advice = `install the agent for this machine: ${process.platform} ${process.arch}, glibc 2.28 or newer`;
  switch (first.probe.kind) {
    case "works":
      return ok(check, worksText(first, first.probe.memoryBytes));
    case "wrong":
      return failed(
        check,
        `${first.name} computes ${first.probe.value} where -3 is right`,
        "test the memory and the processor",
      );
    case "fails": {
      const why = `${first.name} does not run here: ${first.probe.reason}`;
      if (instead?.probe.kind !== "works") return failed(check, why, advice);
      const works = worksText(instead, instead.probe.memoryBytes);
      return warning(check, `${works}; ${why}`, `models take several times as long in WebAssembly; ${advice}`);
    }
  }
}

function worksText({ name, version }: ProbedRuntime, memoryBytes: number): string {
  return `${name} ${version} runs in a process of its own, ${sizeText(memoryBytes)}`;
}
