import { cpuSeconds, quantile, round } from "../conditions.ts";
import type { BenchDevice } from "./device.ts";
import { startDirectProcess } from "./direct-process.ts";
import { binaryRequest, HttpStream } from "./http-stream.ts";
import type { Row } from "./memory.ts";
import type { BenchInput } from "./packages.ts";

const perSecond = 20;
const aDayMs = 86_400_000;
/** IPv4 and TCP without options, for what is sent and for its acknowledgement. */
const headerBytes = 2 * 40;

/**
 * Twenty inferences a second over HTTP, and beside it, at the same pace, the same session in a process of its own. Runs over whole
 * windows of telemetry: from one that passes to the last one that is waited for. Answers what the processor spent on it, and what
 * went over the wire.
 */
export async function steadyLoad(
  device: BenchDevice,
  input: BenchInput,
  modelFile: string,
  windows: number,
  when: string,
  signal: AbortSignal,
): Promise<readonly [processor: Row, wire: Row]> {
  await using direct = await startDirectProcess(modelFile, input, 1_000 / perSecond);
  using stream = await HttpStream.open({ path: device.socket });
  const request = binaryRequest(input);
  let failed = 0;
  let answered = 0;
  let isBusy = false;
  const timer = setInterval(() => {
    // A machine that stands still for a moment must not make a heap of requests.
    if (isBusy) return;
    isBusy = true;
    stream.ask(request).then(
      ({ status }) => {
        if (status === 200) answered++;
        else failed++;
        isBusy = false;
      },
      () => failed++,
    );
  }, 1_000 / perSecond);
  try {
    const look = () => ({
      at: performance.now(),
      daemon: cpuSeconds(device.daemon()),
      children: device.children().reduce((sum, pid) => sum + cpuSeconds(pid), 0),
      direct: cpuSeconds(direct.pid),
      wire: device.tap.count(),
      answered,
    });
    await device.tap.next("tele", signal);
    const first = look();
    let last = first;
    const beyond: number[] = [];
    for (let window = 0; window < windows; window++) {
      await device.tap.next("tele", signal);
      const now = look();
      const spent = now.daemon + now.children - now.direct - (last.daemon + last.children - last.direct);
      beyond.push((100 * spent) / ((now.at - last.at) / 1_000));
      last = now;
    }
    const ms = last.at - first.at;
    const percent = (seconds: number) => round((100 * seconds) / (ms / 1_000), 2);
    const aDay = (count: number) => Math.round((count * aDayMs) / ms);
    const bytes = last.wire.bytes - first.wire.bytes;
    const segments = last.wire.segments - first.wire.segments;
    return [
      {
        processor: `${perSecond} inferences a second, ${input.values.byteLength} bytes each, ${when}`,
        "answered a second": round((last.answered - first.answered) / (ms / 1_000)),
        failed,
        "daemon %": percent(last.daemon - first.daemon),
        "inference process %": percent(last.children - first.children),
        "same session directly %": percent(last.direct - first.direct),
        "beyond it % of a core": round(quantile(beyond, 0.5), 2),
      },
      {
        wire: `${windows} windows in ${round(ms / 1_000)} s, scaled to a day`,
        "MQTT bytes a day": aDay(bytes),
        "of them from the device": aDay(last.wire.bytesFromDevice - first.wire.bytesFromDevice),
        "segments a day": aDay(segments),
        "with TCP and IP headers, at most": aDay(bytes + segments * headerBytes),
        "bytes a window": Math.round(bytes / windows),
      },
    ];
  } finally {
    clearInterval(timer);
  }
}

/** One after the other, as fast as they are answered. */
export async function askOften(
  device: BenchDevice,
  input: BenchInput,
  times: number,
  signal: AbortSignal,
): Promise<void> {
  using stream = await HttpStream.open({ path: device.socket });
  const request = binaryRequest(input);
  for (let i = 0; i < times; i++) {
    signal.throwIfAborted();
    await stream.ask(request);
  }
}
