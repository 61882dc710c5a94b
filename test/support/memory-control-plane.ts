import { createDesiredDelivery } from "../../control-plane/application/desired-delivery.ts";
import { createDeviceRegistry } from "../../control-plane/application/device-registry.ts";
import type { DeviceGateway } from "../../control-plane/application/ports.ts";
import { createRolloutCommands } from "../../control-plane/application/rollout-commands.ts";
import { createRolloutController } from "../../control-plane/application/rollout-controller.ts";
import { createTelemetryIngest } from "../../control-plane/application/telemetry-ingest.ts";
import type { SqliteDatabase } from "../../control-plane/storage/database.ts";
import { openDatabase } from "../../control-plane/storage/database.ts";
import type { MemoryHub } from "../../edge-agent/adapters/memory/memory-hub.ts";
import type { VirtualClock } from "../../edge-agent/adapters/memory/virtual-clock.ts";
import { encodeAssignment } from "../../proto/codec/assignment.ts";
import type { DeviceId, RolloutId } from "../../proto/ids.ts";
import { parseDeviceId } from "../../proto/ids.ts";
import type { DeviceMessage } from "../../proto/messages.ts";
import { payloadTypes } from "../../proto/statements.ts";
import { seconds } from "../../proto/units.ts";
import { AgentControl } from "./agent-control.ts";
import type { PackageOptions } from "./agent-control.ts";
import { silentLog } from "./agent-world.ts";

const never = new AbortController().signal;
const windowMs = seconds(10);

/**
 * The control plane's own use cases over a real database, without a broker: devices reach it through the hub, in virtual time. Rollouts
 * go on when `tick` is called. Keys and packages are the test's.
 */
export class MemoryControlPlane implements AsyncDisposable {
  readonly packages: AgentControl;
  readonly database: SqliteDatabase;
  readonly #clock: VirtualClock;
  readonly #gateway: DeviceGateway;
  readonly #delivery: ReturnType<typeof createDesiredDelivery>;
  readonly #registry: ReturnType<typeof createDeviceRegistry>;
  readonly #ingest: ReturnType<typeof createTelemetryIngest>;
  readonly #controller: ReturnType<typeof createRolloutController>;
  readonly commands: ReturnType<typeof createRolloutCommands>;
  #work: Promise<unknown> = Promise.resolve();

  static async open(hub: MemoryHub, clock: VirtualClock): Promise<MemoryControlPlane> {
    return new MemoryControlPlane(hub, clock, await openDatabase(":memory:"));
  }

  private constructor(hub: MemoryHub, clock: VirtualClock, database: SqliteDatabase) {
    this.#clock = clock;
    this.database = database;
    this.packages = new AgentControl(hub);
    const { director } = this.packages;
    const log = silentLog;
    const gateway: DeviceGateway = {
      send: async (device, message) => {
        hub.send(device, message);
        return hub.isConnected(device);
      },
      disconnect: (device) => hub.cut(device),
    };
    this.#gateway = gateway;
    let ids = 0;
    const naming = { next: (prefix: string) => `${prefix}-${(ids += 1)}` };
    const signer = {
      keyId: director.keyId,
      publicKey: director.publicKey,
      sign: (assignment: Parameters<typeof encodeAssignment>[0]) =>
        director.sign(payloadTypes.assignment, encodeAssignment(assignment)),
    };
    const telemetry = { windowMs };
    this.#delivery = createDesiredDelivery({ database, gateway, signer, clock, log, telemetry, sampleKey: "" });
    const hasher = { hash: () => new Uint8Array(32), matches: () => true, newSecret: () => "secret" };
    this.#registry = createDeviceRegistry({
      database,
      gateway,
      delivery: this.#delivery,
      hasher,
      clock,
      ids: naming,
      changed: () => undefined,
    });
    this.#ingest = createTelemetryIngest({ database, gateway, clock, log });
    const deliver = (device: DeviceId) => this.#delivery.deliver(device);
    this.#controller = createRolloutController({ database, deliver, clock, log });
    this.commands = createRolloutCommands({ database, clock, ids: naming, wake: () => undefined });
    hub.onMessage = (device, message) => {
      this.#work = this.#work.then(() => this.#take(device, message));
    };
  }

  async enrol(...names: readonly string[]): Promise<void> {
    const enrolledAtMs = this.#clock.now();
    for (const id of names.map(parseDeviceId))
      await this.database.devices.add({
        id,
        labels: {},
        hardware: "simulated",
        secretHash: new Uint8Array(32),
        enrolledAtMs,
      });
  }

  async push(options: PackageOptions) {
    const { assignment, manifest } = this.packages.package(options);
    await this.database.models.add({
      ...assignment,
      manifest,
      publisher: this.packages.publisher.keyId,
      pushedAtMs: this.#clock.now(),
      pushedBy: "operator",
    });
    return assignment;
  }

  /** Asks the rollout once what to do now, after everything that devices have said. */
  async tick(id: RolloutId) {
    await this.#work;
    return this.#controller.tick(id, never);
  }

  async #take(device: DeviceId, message: DeviceMessage): Promise<void> {
    switch (message.kind) {
      case "birth":
        await this.#registry.onConnected(device);
        return this.#registry.onBirth(device, message);
      case "status":
        return this.#registry.onStatus(device, message);
      case "reported":
        return this.#registry.onReported(device, message.reported);
      case "telemetry":
        return this.#ingest.accept(device, message);
      case "delta-request": {
        const { base, target } = message;
        await this.#gateway.send(device, { kind: "delta-offer", base, target, answer: { kind: "none" } });
        return;
      }
      case "block-request":
        throw new Error(`${device} asked for a block, and it has a source of files`);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#work;
    const closed = this.#ingest[Symbol.asyncDispose]();
    await closed;
    await this.database[Symbol.asyncDispose]();
  }
}
