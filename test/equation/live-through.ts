import { setMaxListeners } from "node:events";
import { MemoryHub } from "../../edge-agent/adapters/memory/memory-hub.ts";
import { seededRandom } from "../../edge-agent/adapters/memory/seeded-random.ts";
import { VirtualClock } from "../../edge-agent/adapters/memory/virtual-clock.ts";
import type { Spool } from "../../edge-agent/core/ports.ts";
import type { RecordBody } from "../../edge-agent/core/spool-record.ts";
import { goodLink, linkFaults } from "../../edge-agent/simulator/fault-plan.ts";
import type { Lane } from "../../proto/telemetry-messages.ts";
import { lanes } from "../../proto/telemetry-messages.ts";
import { seconds } from "../../proto/units.ts";
import type { DiskImage } from "../crash/disk-operations.ts";
import { emptyDisk } from "../crash/disk-operations.ts";
import { aDevice, aSample, aWindow } from "../support/messages.ts";
import { AppendedRecords } from "./appended-records.ts";
import { ControlSide } from "./control-side.ts";
import type { DeathOfDevice } from "./device-side.ts";
import { DeviceLife } from "./device-side.ts";
import type { Schedule, Step } from "./schedule.ts";
import { patienceMs } from "./schedule.ts";

/** A service manager starts an agent that has ended; a device without power takes longer. */
const serviceRestartMs = seconds(60);

/** In five seconds of quiet. Whoever answers each batch with a wish for the same again never comes to rest. */
const mostBatches = 500;

/** Where a mistake can be put in without touching what is tested. */
export interface Defect {
  readonly spool?: (spool: Spool) => Spool;
  readonly database?: ConstructorParameters<typeof ControlSide>[2];
}

/** A disk with its agent, as far as it has come. */
export interface DeviceSide {
  readonly appended: AppendedRecords;
  life: DeviceLife | undefined;
  image: DiskImage;
  before: { readonly how: DeathOfDevice; readonly at: number } | undefined;
}

export interface Lived extends Disposable {
  readonly control: ControlSide;
  readonly devices: readonly DeviceSide[];
  /** Why the end is not quiet, or "". */
  readonly unrest: string;
}

/** Lives through a schedule in virtual time, mends everything, and waits until nothing is left to be sent. */
export async function liveThrough(schedule: Schedule, defect: Defect = {}): Promise<Lived> {
  const clock = new VirtualClock();
  const hub = new MemoryHub(clock);
  const control = new ControlSide(clock, hub, defect.database);
  const random = seededRandom(schedule.seed);
  const faults = linkFaults(schedule.link, random);
  hub.faults = faults;
  const devices: DeviceSide[] = [
    { appended: new AppendedRecords(), life: undefined, image: emptyDisk, before: undefined },
  ];
  let running = 0;
  let lives = 0;
  let written = 0;
  const never = new AbortController().signal;
  // Each thing that happens later listens to it: that many are no leak.
  setMaxListeners(0, never);
  const later = (ms: number, act: () => void) => void clock.sleep(ms, never).then(act);

  function start(): void {
    const side = devices[running] as DeviceSide;
    if (side.life !== undefined) return;
    lives += 1;
    const life = new DeviceLife({
      device: aDevice,
      clock,
      hub,
      image: side.image,
      appended: side.appended,
      before: side.before,
      quotaBytes: schedule.quotaBytes,
      // In every other schedule, windows that wait are merged before they are sent.
      finestMs: schedule.seed % 2 === 0 ? 0 : seconds(30),
      seed: schedule.seed + lives,
      random: () => random.next(),
      ...(defect.spool && { wrapSpool: defect.spool }),
      onDeath: (how, image) => {
        side.life = undefined;
        side.image = image;
        side.before = { how, at: clock.monotonic() };
        later(serviceRestartMs, start);
      },
    });
    side.life = life;
  }

  /** Every record is told from every other: by its time, and by a number of its own. */
  function bodyOf(lane: Lane): RecordBody {
    written += 1;
    const own = { startedAtMs: clock.now(), endedAtMs: clock.now() };
    if (lane === "windows") return aWindow({ ...own, inferences: written, streams: [] });
    if (lane === "samples") return aSample({ takenAtMs: clock.now() + written });
    if (lane === "health") return { kind: "health", ...own, measures: { spool: { min: 0, mean: 0, max: 0 } } };
    if (lane === "logs") return { kind: "log", level: "info", sentence: `${written}`, fields: [], leftOut: 0 };
    const about = { model: undefined, version: undefined, package: undefined, reason: `${written}` };
    return { kind: "event", name: "agent-started", ...about };
  }

  async function happen(step: Step): Promise<void> {
    const life = devices[running]?.life;
    switch (step.kind) {
      case "records":
        for (let i = 0; i < step.count; i++) life?.append(step.lane, bodyOf(step.lane));
        return;
      case "time":
        return await clock.advance(step.ms);
      case "link-breaks":
        hub.setReachable(aDevice, false);
        return later(step.awayMs, () => hub.setReachable(aDevice, true));
      case "device-dies":
        life?.dies(step.how, step.afterOperations);
        return later(step.downMs, start);
      case "device-disk-full":
        if (life === undefined) return;
        life.diskIsFull = true;
        return later(step.ms, () => {
          life.diskIsFull = false;
        });
      case "control-dies":
        return control.dies(step.when, step.downMs);
      case "control-disk-full":
        control.isFull = true;
        return later(step.ms, () => {
          control.isFull = false;
        });
      case "control-copied":
        return control.copied();
      case "control-restored":
        return control.restored();
      case "disk-cloned": {
        if (life === undefined || devices.length > 1) return;
        const side = devices[running] as DeviceSide;
        const before = { how: "killed" as const, at: clock.monotonic() };
        devices.push({ appended: side.appended.copy(), life: undefined, image: life.image, before });
        return switchDevice();
      }
      case "other-device":
        return switchDevice();
    }
  }

  function switchDevice(): void {
    if (devices.length < 2) return;
    devices[running]?.life?.diesNow("killed");
    running = 1 - running;
    start();
  }

  async function comesToRest(): Promise<string> {
    start();
    devices[running]?.life?.livesOn();
    await clock.advance(seconds(5));
    // What was lost in a restore shows when something comes after it.
    for (const lane of lanes) devices[running]?.life?.append(lane, bodyOf(lane));
    for (let passed = 0; passed < patienceMs; passed += seconds(5)) {
      const before = control.batches;
      await clock.advance(seconds(5));
      if (control.batches - before > mostBatches) return "the two sides send to and fro without an end";
      const life = devices[running]?.life;
      if (life?.failure !== undefined) return `the agent gave up: ${String(life.failure)}`;
      if (life?.isDrained) return "";
    }
    const spool = devices[running]?.life?.spool;
    return `after ${patienceMs} ms there is still something to send: ${JSON.stringify(spool?.extent("windows"))}`;
  }

  start();
  for (const step of schedule.steps) await happen(step);
  // What was begun comes to its end, too: a disk that was full, a device that was down.
  await clock.advance(2 * serviceRestartMs);
  control.heals();
  hub.setReachable(aDevice, true);
  hub.faults = linkFaults(goodLink, random);
  let unrest = "";
  for (let i = 0; i < devices.length; i++) {
    unrest ||= await comesToRest();
    if (devices.length > 1 && i === 0) switchDevice();
  }
  for (const { life } of devices) life?.diesNow("killed");
  return { control, devices, unrest, [Symbol.dispose]: () => control[Symbol.dispose]() };
}
