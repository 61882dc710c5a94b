import { encodeDeviceMessage } from "../../proto/codec.ts";
import { decodeAssignment } from "../../proto/codec/assignment.ts";
import { seconds } from "../../proto/units.ts";
import { deviceMessages } from "../support/messages.ts";
import { packageForBench } from "./bench-package.ts";
import type { Conditions } from "./conditions.ts";
import { cpuSeconds, quantile, round } from "./conditions.ts";
import { enrolDevices, startControlPlaneProcess } from "./control-plane-process.ts";
import { connectLoadDevice, inParallel } from "./load-device.ts";
import type { BenchResult } from "./main.ts";

const deviceCount = 2_000;
const runs = 5;

/**
 * From the request that starts a rollout of one stage with every device, until the last of 2,000 raw clients holds its signed
 * assignment: planning, one transaction, 2,000 signatures and pushes. Each run rolls out another version.
 */
export async function benchFanout(conditions: Conditions, signal: AbortSignal): Promise<BenchResult> {
  await using server = await startControlPlaneProcess([], signal);
  await packageForBench(server.api, runs, signal);
  const enrolled = await enrolDevices(server, deviceCount, () => ({ role: "bench" }));
  const holds = new Map<string, { version: string; at: number }>();
  let arrived: () => void = () => undefined;
  const devices = await inParallel(enrolled, 50, ({ device, secret }) =>
    connectLoadDevice({
      host: "127.0.0.1",
      port: server.mqttPort,
      device,
      secret,
      subscribe: ["desired"],
      onMessage: (message) => {
        if (message.kind !== "desired") return;
        const assignment = decodeAssignment(message.statement.payload);
        const version = assignment.ok ? assignment.value.models[0]?.version : undefined;
        if (version === undefined) return;
        holds.set(device, { version, at: performance.now() });
        arrived();
      },
    }),
  );
  const { birth } = deviceMessages;
  if (birth.kind !== "birth") throw new Error("the sample birth is a birth");
  const noModels = { ...birth, reported: { epoch: 0, generation: 0, refusal: "", models: [] } };
  for (const device of devices) device.publish("birth", encodeDeviceMessage(noModels));

  const rows: Record<string, string | number>[] = [];
  const lasts: number[] = [];
  for (let run = 1; run <= runs; run++) {
    const version = String(run);
    const cpuBefore = cpuSeconds(server.pid);
    const done = new Promise<void>((resolve) => {
      arrived = () => {
        let holding = 0;
        for (const held of holds.values()) if (held.version === version) holding++;
        if (holding === deviceCount) resolve();
      };
    });
    const started = performance.now();
    const { id } = await server.api.startRollout({
      model: "bench",
      version,
      selector: "role=bench",
      stages: [{ name: "everyone", percent: 100 }],
      deviceTimeoutMs: seconds(600),
    });
    const answered = performance.now();
    await done;
    const times = [...holds.values()].map(({ at }) => at - started);
    lasts.push(Math.max(...times));
    rows.push({
      run,
      "request answered ms": Math.round(answered - started),
      "first ms": Math.round(Math.min(...times)),
      "median ms": Math.round(quantile(times, 0.5)),
      "last ms": Math.round(Math.max(...times)),
      "server cpu ms": Math.round(1000 * (cpuSeconds(server.pid) - cpuBefore)),
    });
    await server.api.commandRollout(id, { kind: "abort", reason: "next run" });
  }
  for (const device of devices) device.socket.destroy();
  rows.push({
    run: "median of last",
    "last ms": Math.round(quantile(lasts, 0.5)),
    seconds: round(quantile(lasts, 0.5) / 1000, 2),
  });
  return {
    name: "fanout",
    conditions,
    rows,
    notes: [`${deviceCount} connected clients, generator on the same machine`],
  };
}
