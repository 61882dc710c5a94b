import { access, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir, totalmem } from "node:os";
import { join } from "node:path";
import { randomBytes } from "node:crypto";
import { readDeviceProfile } from "../../adapters/node/device-profile.ts";
import { onnxRuntimeInChild } from "../../adapters/node/onnxruntime-child.ts";
import type { DeviceProfile } from "../../../proto/messages.ts";
import { parseDigest, parseModelName } from "../../../proto/ids.ts";
import { hours, mebibytes, minutes, seconds } from "../../../proto/units.ts";
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

/**
 * `y = -x` for one float32, as an ONNX file of 63 bytes (IR version 8, opset 13): the smallest thing that shows whether the runtime
 * loads and computes here.
 */
const negation = Buffer.from(
  "CAg6NwoLCgF4EgF5IgNOZWcSBmRvY3RvcloPCgF4EgoKCAgBEgQKAggBYg8KAXkSCgoICAESBAoCCAFCAhAN",
  "base64",
);

export async function checkRuntime({ data }: Pick<Patient, "data">, signal: AbortSignal): Promise<Finding> {
  const check = "onnxruntime";
  const runtime = onnxRuntimeInChild();
  const name = `.doctor-${randomBytes(6).toString("hex")}.onnx`;
  const location = await writeProbe([data, tmpdir()], name);
  const tensor = { dataType: "float32", shape: [1] } as const;
  try {
    await using worker = await runtime.start(
      {
        model: parseModelName("doctor"),
        location,
        file: parseDigest(`sha256:${"0".repeat(64)}`),
        inputs: [{ name: "x", ...tensor }],
        outputs: [{ name: "y", ...tensor }],
        maxInferenceMs: seconds(10),
      },
      signal,
    );
    const input = {
      name: "x",
      dataType: "float32",
      dims: [1],
      rawData: new Uint8Array(Float32Array.of(3).buffer),
    } as const;
    const [output] = await worker.infer([input], signal);
    const value = new DataView((output?.rawData ?? new Uint8Array(4)).slice().buffer).getFloat32(0, true);
    if (value !== -3)
      return failed(check, `it computes ${value} where -3 is right`, "test the memory and the processor");
    return ok(check, `${runtime.version} runs in a process of its own, ${sizeText(await worker.memoryBytes())}`);
  } catch (error) {
    signal.throwIfAborted();
    const advice = `install the agent for this machine: ${process.platform} ${process.arch}, glibc 2.28 or newer`;
    return failed(check, error instanceof Error ? error.message : String(error), advice);
  } finally {
    await rm(location, { force: true });
  }
}

/** In the first of the directories that takes it. */
async function writeProbe(directories: readonly string[], name: string): Promise<string> {
  let problem: unknown;
  for (const directory of directories) {
    const path = join(directory, name);
    try {
      await writeFile(path, negation);
      return path;
    } catch (error) {
      problem = error;
    }
  }
  throw problem;
}
