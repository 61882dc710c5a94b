import "../../adapters/browser/explicit-disposal.ts";
import { browserClock } from "../../adapters/browser/browser-clock.ts";
import type { AgentCall, FromWorker, ToWorker } from "./agent-messages.ts";
import { consoleLog } from "./console-log.ts";
import { DeviceLife } from "./device-life.ts";

// The program of the worker that is the device. A worker, because a page that is not looked at has its timers slowed down, and
// because an application's own work must not keep the agent from its connection.

declare const self: DedicatedWorkerGlobalScope;

/** How often a change is looked for that the page should know. */
const statusEveryMs = 250;
const passing = new Set(["uptimeMs", "elapsedMs"]);

const stopping = new AbortController();
const underWay = new Map<number, AbortController>();
let life: DeviceLife | undefined;

self.addEventListener("message", ({ data }: MessageEvent<ToWorker>) => {
  switch (data.kind) {
    case "start":
      void live(new DeviceLife(data.options));
      return;
    case "call":
      void answer(data.id, data.call);
      return;
    case "cancel":
      underWay.get(data.id)?.abort(new DOMException("the caller has left", "AbortError"));
      return;
    case "stop":
      stopping.abort(new Error("the page stops the agent"));
  }
});

async function live(device: DeviceLife): Promise<void> {
  life = device;
  const telling = tellStatus(device, stopping.signal).catch(() => undefined);
  const end = await device.run(stopping.signal).catch((error: unknown): FromWorker => {
    if (stopping.signal.aborted) return { kind: "stopped" };
    const reason = error instanceof Error ? error.message : String(error);
    consoleLog.log.error({ error: reason }, "this worker gives up; another one begins anew");
    return { kind: "gave-up", reason };
  });
  stopping.abort(new Error("the device has ended"));
  await telling;
  tell(end);
}

async function answer(id: number, call: AgentCall): Promise<void> {
  const cancelled = new AbortController();
  underWay.set(id, cancelled);
  try {
    if (life === undefined) throw new Error("the worker was not started");
    const found = await life.call(call, cancelled.signal);
    tell({ kind: "reply", id, reply: { ok: true, answer: found } });
  } catch (error) {
    const { name, message } = error instanceof Error ? error : new Error(String(error));
    tell({ kind: "reply", id, reply: { ok: false, name, message } });
  } finally {
    underWay.delete(id);
  }
}

async function tellStatus(device: DeviceLife, signal: AbortSignal): Promise<never> {
  let last = "";
  for (;;) {
    const { status } = device;
    // The time since the start, or since a trial's, changes always, and is no news.
    const text = JSON.stringify(status, (key, value: unknown) => (passing.has(key) ? undefined : value));
    if (text !== last) tell({ kind: "status", status });
    last = text;
    await browserClock.sleep(statusEveryMs, signal);
  }
}

function tell(message: FromWorker): void {
  self.postMessage(message);
}
