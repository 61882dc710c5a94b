import { setTimeout as delay } from "node:timers/promises";

import { encodeDeviceMessage, leafOf } from "../../proto/codec.ts";
import type { ControlMessage } from "../../proto/messages.ts";
import type { TelemetryBatch } from "../../proto/telemetry-messages.ts";
import { binCount } from "../../proto/sketch/histogram.ts";
import { aRecord, aWindow } from "../support/messages.ts";
import { cpuSeconds, quantile, round } from "./conditions.ts";
import type { Conditions } from "./conditions.ts";
import { enrolDevices, startControlPlaneProcess } from "./control-plane-process.ts";
import type { LoadDevice } from "./load-device.ts";
import { connectLoadDevice, inParallel } from "./load-device.ts";
import type { BenchResult } from "./main.ts";
import { startMosquitto } from "./mosquitto-process.ts";

const deviceCount = 1_000;
const rates = [2_000, 5_000, 10_000, 15_000];
const secondsPerRate = 10;
const tickMs = 10;

/**
 * Each message is a batch of one window with ten streams, encoded afresh, published with QoS 1; its latency is from publish to
 * the acknowledgement that follows the commit. The generator shares the machine with the control plane.
 */
export async function benchIngest(conditions: Conditions, signal: AbortSignal): Promise<BenchResult> {
  const rows: Record<string, string | number | boolean>[] = [];
  const notes: string[] = [];
  await using server = await startControlPlaneProcess([], signal);
  const enrolled = await enrolDevices(server, deviceCount, () => ({}));
  const ledger = new Ledger();
  const devices = await inParallel(enrolled, 50, ({ device, secret }) =>
    connectLoadDevice({
      host: "127.0.0.1",
      port: server.mqttPort,
      device,
      secret,
      subscribe: ["ack"],
      onMessage: (message) => ledger.acknowledged(device, message),
    }),
  );
  for (const rate of rates) {
    const before = await server.api.status();
    const figures = await measure(rate, devices, server.pid, ledger, signal);
    const after = await server.api.status();
    rows.push({
      target: "sedge",
      ...figures,
      ...databaseShare(before.counters, after.counters, figures["seconds"] as number),
    });
  }
  for (const device of devices) device.socket.destroy();
  await using broker = await startMosquitto(signal);
  if (broker === undefined)
    notes.push("mosquitto is not installed (apt-get install mosquitto): no comparison with a bare broker");
  else for (const rate of rates) rows.push(await measureBareBroker(rate, broker.port, broker.pid, enrolled, signal));
  notes.push(
    `${deviceCount} devices, ${secondsPerRate} s per rate, message ${sample(0).length} bytes, generator on the same machine`,
  );
  notes.push("mosquitto only answers PUBACK: no access check, no decoding, no database; its latency is not comparable");
  return { name: "ingest", conditions, rows, notes };
}

/** Remembers when each message left, and what became of it. */
class Ledger {
  readonly #sentAt = new Map<string, Map<number, number>>();
  readonly #nextSeq = new Map<string, number>();
  readonly latencies: number[] = [];
  outstanding = 0;
  rewinds = 0;

  next(device: string): number {
    const seq = (this.#nextSeq.get(device) ?? 0) + 1;
    this.#nextSeq.set(device, seq);
    const sent = this.#sentAt.get(device) ?? new Map<number, number>();
    this.#sentAt.set(device, sent.set(seq, performance.now()));
    this.outstanding++;
    return seq;
  }

  acknowledged(device: string, message: ControlMessage): void {
    if (message.kind !== "ack") return;
    if (message.rewind) this.rewinds++;
    const now = performance.now();
    const sent = this.#sentAt.get(device);
    for (const [seq, at] of sent ?? []) {
      if (seq > message.through) break;
      sent?.delete(seq);
      this.latencies.push(now - at);
      this.outstanding--;
    }
  }
}

async function measure(
  rate: number,
  devices: readonly LoadDevice[],
  serverPid: number,
  ledger: Ledger,
  signal: AbortSignal,
): Promise<Record<string, string | number | boolean>> {
  ledger.latencies.length = 0;
  const cpuBefore = cpuSeconds(serverPid);
  const generatorBefore = process.cpuUsage();
  const started = performance.now();
  const sent = await pace(rate, signal, (i) => {
    const device = devices[i % devices.length] as LoadDevice;
    const bytes = sample(ledger.next(device.device));
    device.publish("tele", bytes);
  });
  const patience = performance.now() + 20_000;
  while (ledger.outstanding > 0 && performance.now() < patience) await delay(5, undefined, { signal });
  const elapsed = (performance.now() - started) / 1000;
  const generator = process.cpuUsage(generatorBefore);
  const { latencies } = ledger;
  return {
    "rate/s": rate,
    sent,
    acknowledged: latencies.length,
    lost: ledger.outstanding,
    rewinds: ledger.rewinds,
    seconds: round(elapsed),
    "achieved/s": Math.round(latencies.length / elapsed),
    p50ms: round(quantile(latencies, 0.5)),
    p99ms: round(quantile(latencies, 0.99)),
    "server cpu %": round((100 * (cpuSeconds(serverPid) - cpuBefore)) / elapsed),
    "generator cpu %": round((generator.user + generator.system) / 1e4 / elapsed),
  };
}

/** The share of the server's wall time that its database calls took, from its own counters. */
function databaseShare(
  before: Readonly<Record<string, number>>,
  after: Readonly<Record<string, number>>,
  elapsed: number,
): Record<string, number> {
  const name = "ingest.databaseMs";
  if (after[name] === undefined) return {};
  return { "database %": round((after[name] - (before[name] ?? 0)) / 10 / elapsed) };
}

async function measureBareBroker(
  rate: number,
  port: number,
  pid: number,
  enrolled: readonly { readonly device: LoadDevice["device"] }[],
  signal: AbortSignal,
): Promise<Record<string, string | number | boolean>> {
  const devices = await inParallel(enrolled, 50, ({ device }) =>
    connectLoadDevice({ host: "127.0.0.1", port, device, subscribe: [], onMessage: () => undefined }),
  );
  const cpuBefore = cpuSeconds(pid);
  const started = performance.now();
  let seq = 0;
  const sent = await pace(rate, signal, (i) =>
    (devices[i % devices.length] as LoadDevice).publish("tele", sample(++seq)),
  );
  const acknowledged = (): number => devices.reduce((sum, device) => sum + device.acknowledged(), 0);
  const patience = performance.now() + 20_000;
  while (acknowledged() < sent && performance.now() < patience) await delay(5, undefined, { signal });
  const elapsed = (performance.now() - started) / 1000;
  const row = {
    target: "mosquitto, PUBACK only",
    "rate/s": rate,
    sent,
    acknowledged: acknowledged(),
    "achieved/s": Math.round(acknowledged() / elapsed),
    "server cpu %": round((100 * (cpuSeconds(pid) - cpuBefore)) / elapsed),
  };
  for (const device of devices) device.socket.destroy();
  return row;
}

/** Calls `send` evenly at `rate` a second for the run's length; answers how often. */
async function pace(rate: number, signal: AbortSignal, send: (i: number) => void): Promise<number> {
  const started = performance.now();
  const all = rate * secondsPerRate;
  let sent = 0;
  while (sent < all) {
    const due = Math.min(all, Math.floor(((performance.now() - started) / 1000) * rate));
    while (sent < due) send(sent++);
    await delay(tickMs, undefined, { signal });
  }
  return sent;
}

const tenStreams = Array.from({ length: 10 }, (_, stream) => ({
  stream,
  histogram: {
    counts: Uint32Array.from({ length: binCount(Array(16).fill(0)) }, (_, bin) => 3 + ((bin * 7) % 11)),
    missing: 0,
  },
}));

function sample(seq: number): Uint8Array {
  const batch: TelemetryBatch = {
    kind: "telemetry",
    lane: "windows",
    epoch: "1-bench",
    records: [aRecord(seq, aWindow({ streams: tenStreams, trial: false }))],
  };
  if (leafOf(batch) !== "tele") throw new Error("windows travel on tele");
  return encodeDeviceMessage(batch);
}
