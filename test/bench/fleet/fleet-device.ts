import { setTimeout as delay } from "node:timers/promises";

import { defaultRetry, retryDelays } from "../../../edge-agent/core/retry-schedule.ts";
import type { Assignment, ModelAssignment } from "../../../proto/assignment-messages.ts";
import { encodeDeviceMessage, leafOf } from "../../../proto/codec.ts";
import { decodeAssignment } from "../../../proto/codec/assignment.ts";
import { limits } from "../../../proto/limits.ts";
import type { Birth, ControlMessage, DeviceMessage, ReportedState, SlotReport } from "../../../proto/messages.ts";
import type { Lane, LifecycleEventName } from "../../../proto/telemetry-messages.ts";
import { minutes } from "../../../proto/units.ts";
import { deviceMessages } from "../../support/messages.ts";
import type { EnrolledDevice } from "../control-plane-process.ts";
import type { LoadDevice } from "../load-device.ts";
import { connectLoadDevice } from "../load-device.ts";
import { FleetLane } from "./fleet-lane.ts";
import type { FleetVersion } from "./fleet-windows.ts";
import { windowOf } from "./fleet-windows.ts";

/** What all devices of the fleet share, and the bench changes while they live. */
export interface FleetWorld {
  readonly mqttPort: number;
  /** By digest of the package. */
  readonly versions: Map<string, FleetVersion>;
  windowMs: number;
  /** Nobody counts or feels any more: what is numbered stays so. */
  isQuiet: boolean;
  /** Devices of this site drift. */
  driftingSite: string | undefined;
  /** Devices of this site have no link. */
  cutSite: string | undefined;
  readonly counts: { connects: number; failedConnects: number; rewinds: number; asksToWait: number; desired: number };
}

const healthEveryMs = minutes(15);
/** From the assignment, or the end of its spread, to the trial. */
const fetchMs = 1_000;

/**
 * A device that does on the wire what the agent does, without a model and without the files: it connects again by the agent's own schedule, keeps
 * its records until they are acknowledged, fetches (as a pause), tries, soaks and confirms what it is assigned, and can run it in shadow.
 */
export class FleetDevice {
  readonly site: string;
  readonly enrolled: EnrolledDevice;
  readonly lanes: Readonly<Record<"windows" | "lifecycle" | "health", FleetLane>>;
  reported: ReportedState = { epoch: 0, generation: 0, models: [], refusal: "" };
  readonly #world: FleetWorld;
  readonly #bootId: string;
  #connections = 0;
  #connection: LoadDevice | undefined;
  #lastWindowAtMs = Date.now();
  #update = new AbortController();

  constructor(enrolled: EnrolledDevice, site: string, world: FleetWorld) {
    this.enrolled = enrolled;
    this.site = site;
    this.#world = world;
    this.#bootId = enrolled.secret.slice(0, 16);
    const epoch = `1-${enrolled.device}`;
    this.lanes = {
      windows: new FleetLane("windows", epoch),
      lifecycle: new FleetLane("lifecycle", epoch),
      health: new FleetLane("health", epoch),
    };
  }

  get isConnected(): boolean {
    return this.#connection !== undefined;
  }

  get unacknowledged(): number {
    const { windows, lifecycle, health } = this.lanes;
    return windows.unacknowledged + lifecycle.unacknowledged + health.unacknowledged;
  }

  cut(): void {
    this.#connection?.socket.destroy();
  }

  /** Until the signal; resolves then. */
  async live(signal: AbortSignal): Promise<void> {
    const end = (): void => {
      this.#update.abort();
      this.cut();
    };
    signal.addEventListener("abort", end, { once: true });
    const ignoringEnd = (error: unknown): void => {
      if (!signal.aborted) throw error;
    };
    await Promise.all([
      this.#stayConnected(signal).catch(ignoringEnd),
      this.#count(signal).catch(ignoringEnd),
      this.#feel(signal).catch(ignoringEnd),
    ]);
  }

  async #stayConnected(signal: AbortSignal): Promise<void> {
    let delays = retryDelays(Math.random, defaultRetry);
    while (!signal.aborted) {
      const began = performance.now();
      if (this.#world.cutSite !== this.site) await this.#connectOnce(signal);
      if (performance.now() - began > defaultRetry.stableAfterMs) delays = retryDelays(Math.random, defaultRetry);
      await delay(delays.next().value, undefined, { signal });
    }
  }

  async #connectOnce(signal: AbortSignal): Promise<void> {
    const { device, secret } = this.enrolled;
    this.#connections += 1;
    const name = { bootId: this.#bootId, connection: this.#connections };
    let connection: LoadDevice;
    try {
      connection = await connectLoadDevice({
        host: "127.0.0.1",
        port: this.#world.mqttPort,
        device,
        secret,
        subscribe: ["desired", "ack"],
        will: encodeDeviceMessage({ kind: "status", state: "offline", ...name }),
        onMessage: (message) => this.#hear(message),
      });
    } catch {
      this.#world.counts.failedConnects += 1;
      return;
    }
    this.#world.counts.connects += 1;
    this.#connection = connection;
    const closed = new Promise<void>((resolve) => connection.socket.once("close", () => resolve()));
    const pings = setInterval(() => connection.ping(), limits.keepAliveMs);
    this.#send({ ...(deviceMessages.birth as Birth), ...this.#birth(name) });
    for (const lane of Object.values(this.lanes)) for (const batch of lane.again()) this.#send(batch);
    if (signal.aborted) connection.socket.destroy();
    await closed;
    clearInterval(pings);
    this.#connection = undefined;
  }

  #birth(name: Pick<Birth, "bootId" | "connection">): Partial<Birth> {
    const { profile } = deviceMessages.birth as Birth;
    return {
      ...name,
      profile: { ...profile, abilities: ["shadow"] },
      reported: this.reported,
      deviceTimeMs: Date.now(),
    };
  }

  async #count(signal: AbortSignal): Promise<void> {
    for (let waitMs = Math.random() * this.#world.windowMs; ; waitMs = this.#world.windowMs) {
      await delay(waitMs, undefined, { signal });
      if (this.#world.isQuiet) continue;
      const span = { startedAtMs: this.#lastWindowAtMs, endedAtMs: Date.now() };
      this.#lastWindowAtMs = span.endedAtMs;
      const drifts = this.#world.driftingSite === this.site;
      for (const { active, candidate, phase } of this.reported.models)
        for (const slot of [active, phase === "shadow" ? candidate : undefined]) {
          const version = slot && this.#world.versions.get(slot.package);
          if (version === undefined) continue;
          const how = { drifts, inShadow: slot === candidate, draw: Math.floor(Math.random() * 1_000) };
          this.#send(this.lanes.windows.add(windowOf(version, span, how), span.endedAtMs));
        }
    }
  }

  async #feel(signal: AbortSignal): Promise<void> {
    for (let waitMs = Math.random() * healthEveryMs; ; waitMs = healthEveryMs) {
      await delay(waitMs, undefined, { signal });
      if (this.#world.isQuiet) continue;
      const endedAtMs = Date.now();
      const of = (mean: number) => ({ min: mean / 2, mean, max: mean });
      const measures = { cpu: of(0.25), "agent-memory": of(7e7), "memory-available": of(2e9), temperature: of(52) };
      this.#send(
        this.lanes.health.add({ kind: "health", startedAtMs: endedAtMs - waitMs, endedAtMs, measures }, endedAtMs),
      );
    }
  }

  #hear(message: ControlMessage): void {
    if (message.kind === "ack") {
      const lane = this.lanes[message.lane as Extract<Lane, keyof FleetDevice["lanes"]>];
      lane.acknowledged(message);
      if (message.minIntervalMs !== undefined) this.#world.counts.asksToWait += 1;
      if (!message.rewind) return;
      this.#world.counts.rewinds += 1;
      for (const batch of lane.again()) this.#send(batch);
    }
    if (message.kind !== "desired") return;
    this.#world.counts.desired += 1;
    const assignment = decodeAssignment(message.statement.payload);
    if (!assignment.ok) throw new Error(assignment.problems.join("; "));
    const { epoch, generation } = assignment.value;
    if (epoch < this.reported.epoch || (epoch === this.reported.epoch && generation <= this.reported.generation))
      return;
    this.#update.abort();
    this.#update = new AbortController();
    void this.#obey(assignment.value, this.#update.signal).catch(() => undefined);
  }

  async #obey(assignment: Assignment, signal: AbortSignal): Promise<void> {
    const { epoch, generation, settings = [], keepsModels } = assignment;
    const known = settings.map(({ name, version }) => ({ name, version, refused: undefined, pinned: [] }));
    const [wanted] = assignment.models;
    const models = keepsModels === true || wanted !== undefined ? this.reported.models : [];
    this.#report({ epoch, generation, settings: known, models });
    if (wanted !== undefined) await this.#updateTo(wanted, signal);
  }

  async #updateTo(wanted: ModelAssignment, signal: AbortSignal): Promise<void> {
    const { model, version, package: digest, spreadMs = 0, shadow, soak } = wanted;
    const active = this.reported.models[0]?.active;
    if (active?.package === digest) return;
    const candidate: SlotReport = {
      version,
      package: digest,
      variant: this.#world.versions.get(digest)?.variant ?? "fp32",
    };
    const about = { model, active, candidate, previous: undefined, failure: undefined };
    const tell = (name: LifecycleEventName): void =>
      this.#send(
        this.lanes.lifecycle.add({ kind: "event", name, model, version, package: digest, reason: "" }, Date.now()),
      );
    const isThere = this.reported.models[0]?.phase === "shadow";
    if (!isThere) {
      this.#report({ models: [{ ...about, phase: "fetching" }] });
      tell("update-started");
      await delay(Math.random() * spreadMs + fetchMs, undefined, { signal });
      tell("update-fetched");
    }
    if (shadow !== undefined && active !== undefined) {
      tell("shadow-started");
      return this.#report({ models: [{ ...about, phase: "shadow" }] });
    }
    tell("trial-started");
    this.#report({ models: [{ ...about, phase: "trial" }] });
    await delay(soak.durationMs, undefined, { signal });
    tell("update-confirmed");
    this.#report({ models: [{ ...about, active: candidate, candidate: undefined, previous: active, phase: "idle" }] });
  }

  #report(changes: Partial<ReportedState>): void {
    this.reported = { ...this.reported, ...changes };
    this.#send({ kind: "reported", reported: this.reported });
  }

  #send(message: DeviceMessage): void {
    this.#connection?.publish(leafOf(message), encodeDeviceMessage(message));
  }
}
