import { setMaxListeners } from "node:events";
import type { MemoryHub } from "../../edge-agent/adapters/memory/memory-hub.ts";
import { seededRandom } from "../../edge-agent/adapters/memory/seeded-random.ts";
import type { VirtualClock } from "../../edge-agent/adapters/memory/virtual-clock.ts";
import { openFileSpool } from "../../edge-agent/adapters/node/file-spool.ts";
import { BlockRelay } from "../../edge-agent/core/block-relay.ts";
import type { Clock, Connection, MessageBus, Spool } from "../../edge-agent/core/ports.ts";
import type { RecordBody } from "../../edge-agent/core/spool-record.ts";
import { Session, statusMessage } from "../../edge-agent/core/session.ts";
import { TelemetryLog } from "../../edge-agent/core/telemetry-log.ts";
import type { DeviceId } from "../../proto/ids.ts";
import type { Birth } from "../../proto/messages.ts";
import type { Lane } from "../../proto/telemetry-messages.ts";
import { lanes } from "../../proto/telemetry-messages.ts";
import { kibibytes } from "../../proto/units.ts";
import { DiskError, LossyFiles } from "../crash/lossy-files.ts";
import type { DiskImage } from "../crash/disk-operations.ts";
import { imageAfterPowerCut } from "../crash/possible-images.ts";
import { silentLog } from "../support/agent-world.ts";
import { deviceMessages } from "../support/messages.ts";
import type { AppendedRecords } from "./appended-records.ts";
import type { DeviceDisk } from "./device-disk.ts";
import { deviceDisk } from "./device-disk.ts";

export type DeathOfDevice = "killed" | "power-cut";

export interface LifeOptions {
  readonly device: DeviceId;
  readonly clock: VirtualClock;
  readonly hub: MemoryHub;
  readonly image: DiskImage;
  readonly appended: AppendedRecords;
  /** How the life before this one ended; undefined for the first. */
  readonly before: { readonly how: DeathOfDevice; readonly at: number } | undefined;
  readonly quotaBytes: number;
  /** Windows that wait are merged to no less than this when they are sent. */
  readonly finestMs: number;
  readonly seed: number;
  readonly random: () => number;
  readonly wrapSpool?: (spool: Spool) => Spool;
  /** How its end came, and what is on the disk. */
  readonly onDeath: (how: DeathOfDevice, image: DiskImage) => void;
}

const spoolDirectory = "/data/spool";
const ackTimeoutMs = 10_000;
const reconnectAfterMs = 500;
const { profile, reported } = deviceMessages.birth as Birth;

/** The telemetry half of the real agent on the real file spool, from a start to a crash. */
export class DeviceLife {
  readonly #options: LifeOptions;
  readonly #files: LossyFiles;
  readonly #disk: DeviceDisk;
  readonly #clock: Clock;
  #how: DeathOfDevice = "killed";
  #isDead = false;
  #log: TelemetryLog | undefined;
  #session: Session | undefined;
  #spool: Spool | undefined;
  /** Set when the life ended by itself. */
  failure: Error | undefined;

  constructor(options: LifeOptions) {
    const { clock, image } = options;
    this.#options = options;
    this.#files = new LossyFiles(image, () => clock.monotonic());
    this.#disk = deviceDisk(this.#files, () => this.#die());
    this.#clock = {
      now: () => clock.now(),
      monotonic: () => clock.monotonic(),
      sleep: (ms, signal) => this.#whileAlive(clock.sleep(ms, signal)),
    };
    this.#live().catch((error: unknown) => {
      // As the daemon does: it ends, and is started again.
      if (error instanceof DiskError) this.diesNow("killed");
      else this.failure = error instanceof Error ? error : new Error("the life ended", { cause: error });
    });
  }

  /** The content of its disk now: what a copy of the running device would get. */
  get image(): DiskImage {
    return this.#files.image;
  }

  /** Nothing is left that the control plane has not acknowledged. */
  get isDrained(): boolean {
    const spool = this.#spool;
    if (spool === undefined) return false;
    return lanes.every((lane) => spool.extent(lane).first === spool.extent(lane).next && spool.heldCount(lane) === 0);
  }

  get spool(): Spool | undefined {
    return this.#spool;
  }

  append(lane: Lane, body: RecordBody): void {
    // What the spool does not take is lost, and whoever wrote it has heard that.
    this.#log?.append(lane, body).catch(() => undefined);
  }

  dies(how: DeathOfDevice, afterOperations: number): void {
    this.#how = how;
    this.#disk.dieAfter(afterOperations);
  }

  /** Whatever was to end it later does not. */
  livesOn(): void {
    this.#disk.dieAfter(Number.POSITIVE_INFINITY);
  }

  diesNow(how: DeathOfDevice): void {
    this.#how = how;
    this.#disk.die();
  }

  set diskIsFull(isFull: boolean) {
    this.#disk.isFull = isFull;
  }

  #die(): void {
    this.#isDead = true;
    const { device, hub, image, random, onDeath } = this.#options;
    hub.cut(device);
    onDeath(
      this.#how,
      this.#how === "killed" ? this.#files.image : imageAfterPowerCut(image, this.#files.operations, "posix", random),
    );
  }

  async #live(): Promise<void> {
    const { appended, before, clock, quotaBytes, seed, wrapSpool = (same) => same } = this.#options;
    const opened = await openFileSpool({
      directory: spoolDirectory,
      random: seededRandom(seed),
      log: silentLog,
      disk: this.#disk,
      clock: this.#clock,
      segmentBytes: kibibytes(1),
    });
    if (opened.wasReset) appended.broken.push("the spool could not be read back");
    if (before !== undefined) await appended.reopened(opened, before.at, before.how);
    const spool = wrapSpool(appended.watch(opened, () => clock.monotonic()));
    this.#spool = spool;
    const log = new TelemetryLog(
      { spool, clock: this.#clock, log: silentLog, isTaken: (lane) => this.#session?.isTaking(lane) ?? false },
      quotaBytes,
      () => this.#session?.telemetryAppended(),
    );
    this.#log = log;
    await this.#stayConnected(spool, log);
  }

  async #stayConnected(spool: Spool, log: TelemetryLog): Promise<never> {
    const never = new AbortController().signal;
    setMaxListeners(0, never);
    for (let connection = 1; ; connection++) {
      try {
        const bootId = `boot-${this.#options.seed}`;
        const connected = await this.#bus().connect(statusMessage("offline", bootId, connection), never);
        this.#session = new Session(connected, {
          ports: { clock: this.#clock, log: silentLog, spool, profile },
          blocks: new BlockRelay(),
          bootId,
          connectionNumber: connection,
          agentVersion: "0.1.0",
          bootedAt: 0,
          ackTimeoutMs,
          reported: () => reported,
          onDesired: async () => undefined,
          onOvertaken: (reason) => log.renew(reason),
          release: (finestMs) => log.release(Math.max(finestMs, this.#options.finestMs)),
        });
        await this.#session.run(never);
      } catch {
        this.#session = undefined;
        await this.#clock.sleep(reconnectAfterMs, never);
      }
    }
  }

  #bus(): MessageBus {
    const { hub, device } = this.#options;
    const bus = hub.busFor(device);
    return {
      connect: async (lastWill, signal) => {
        const connection: Connection = await this.#whileAlive(bus.connect(lastWill, signal));
        return {
          ...connection,
          publish: (message, until) =>
            this.#whileAlive(this.#isDead ? Promise.resolve() : connection.publish(message, until)),
        };
      },
    };
  }

  /** What a process without power waits for never comes. */
  #whileAlive<T>(promise: Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      promise.then(
        (value) => {
          if (!this.#isDead) resolve(value);
        },
        (error: unknown) => {
          if (!this.#isDead) reject(error as Error);
        },
      );
    });
  }
}
