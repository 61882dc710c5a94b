import type { DeviceId } from "../../proto/ids.ts";
import { parseDeviceId } from "../../proto/ids.ts";
import { limits } from "../../proto/limits.ts";
import type { Birth, ReportedState, Status } from "../../proto/messages.ts";
import type { Device, Labels } from "../domain/device.ts";
import type { Presence, PresenceCounts } from "../domain/presence.ts";
import * as transitions from "../domain/presence.ts";
import type { DesiredDelivery } from "./desired-delivery.ts";
import { isOlder } from "./desired-delivery.ts";
import { createGroupCommit } from "./group-commit.ts";
import type { Clock, DeviceGateway, Ids, SecretHasher } from "./ports.ts";
import type { Database, DesiredState, Stores } from "./stores.ts";
import { noteReport, noteRevoked } from "./note-report.ts";
import { tellUndecidedAfterBirth, tellUndecidedSettings } from "./tell-undecided-settings.ts";
import { ConflictError, EnrolmentRefusedError, InvalidDataError, NotFoundError } from "./refusals.ts";

/** Who belongs to the fleet, what each device says of itself, and whether it is there. */
export interface DeviceRegistry {
  createToken(request: {
    readonly labels: Labels;
    readonly expiresInMs: number;
  }): Promise<{ readonly token: string; readonly expiresAtMs: number }>;
  /** @throws EnrolmentRefusedError, ConflictError (the id is taken, or nobody publishes yet; the token can be used again), InvalidDataError */
  enrol(request: EnrolmentRequest): Promise<{ readonly device: DeviceId; readonly secret: string }>;

  list(): Promise<readonly Device[]>;
  count(): Promise<PresenceCounts>;
  /** By id, the first `limit` that come after `id`; "" is before all. */
  after(id: string, limit: number): Promise<readonly Device[]>;
  get(id: DeviceId): Promise<Device | undefined>;
  desired(id: DeviceId): Promise<DesiredState | undefined>;
  /** @throws NotFoundError, InvalidDataError */
  changeLabels(id: DeviceId, changes: Readonly<Record<string, string | null>>): Promise<Device>;
  /** @throws NotFoundError */
  revoke(id: DeviceId, by: string): Promise<void>;

  onConnected(device: DeviceId): Promise<void>;
  onDisconnected(device: DeviceId): Promise<void>;
  onBirth(device: DeviceId, birth: Birth): Promise<void>;
  onStatus(device: DeviceId, status: Status): Promise<void>;
  onReported(device: DeviceId, reported: ReportedState): Promise<void>;
  /** Any message: a sign of life. Kept in memory. */
  onSeen(device: DeviceId): void;
  /** Marks devices that were silent for too long as offline. To be called every few seconds. */
  judgeSilence(): Promise<void>;
}

export interface EnrolmentRequest {
  readonly token: string;
  /** Undefined: the control plane chooses. */
  readonly device: DeviceId | undefined;
  readonly labels: Labels;
  readonly hardware: string;
}

export interface DeviceRegistryOptions {
  readonly database: Database;
  readonly gateway: Pick<DeviceGateway, "disconnect">;
  readonly delivery: DesiredDelivery;
  readonly hasher: SecretHasher;
  readonly clock: Clock;
  readonly ids: Ids;
  /** Something that rollouts look at has changed. */
  readonly changed: () => void;
}

export function createDeviceRegistry(options: DeviceRegistryOptions): DeviceRegistry {
  const { database, gateway, delivery, hasher, clock, ids, changed } = options;
  const commits = createGroupCommit(database);
  /** Signs of life since the last one that is in the database; of every device that is online, until it is judged silent. */
  const seen = new Map<DeviceId, number>();
  let remembersSigns = false;

  /** Once: whom the database calls online is watched for silence too, also when it says nothing to this process. */
  async function rememberSigns(): Promise<void> {
    if (remembersSigns) return;
    for (const { id, presence } of await database.devices.list())
      if (presence.kind === "online") seen.set(id, Math.max(seen.get(id) ?? 0, presence.lastSeenMs));
    remembersSigns = true;
  }

  function withSigns(device: Device): Device {
    const seenAtMs = seen.get(device.id);
    if (seenAtMs === undefined) return device;
    return { ...device, presence: transitions.onSeen(device.presence, seenAtMs) };
  }

  /** Stores the new presence when it says more than a later sign of life, and tells of comings and goings. */
  async function movePresence(stores: Stores, device: Device, change: (presence: Presence) => Presence): Promise<void> {
    const before = withSigns(device).presence;
    const after = change(before);
    if (after === before || (after.kind === before.kind && sameConnection(before, after))) return;
    await stores.devices.setPresence(device.id, after);
    if (after.kind === before.kind) return;
    await stores.events.add({
      atMs: clock.now(),
      kind: `device.${after.kind}`,
      device: device.id,
      rollout: undefined,
      text: after.kind === "online" ? `${device.id} is online` : `${device.id} is offline`,
    });
  }

  async function known(stores: Stores, id: DeviceId): Promise<Device> {
    const device = await stores.devices.get(id);
    if (device === undefined) throw new NotFoundError(`there is no device "${id}"; "sedge device list" names them`);
    return device;
  }

  async function ifKnown(id: DeviceId, work: (stores: Stores, device: Device) => Promise<void>): Promise<void> {
    await commits.run(async (stores) => {
      const device = await stores.devices.get(id);
      if (device !== undefined && device.revokedAtMs === undefined) await work(stores, device);
    });
  }

  /** The device accepted an assignment that this database does not know: the database was restored from a backup. */
  async function catchUp(stores: Stores, id: DeviceId, reported: ReportedState): Promise<void> {
    const desired = (await stores.desired.get(id)) ?? { epoch: 0, generation: 0 };
    if (!isOlder(desired, reported)) return;
    const raised = await stores.desired.raiseEpoch(id, reported.epoch);
    await stores.events.add({
      atMs: clock.now(),
      kind: "device.ahead",
      device: id,
      rollout: undefined,
      text:
        `${id} has assignment ${reported.epoch}.${reported.generation}, this database knew ` +
        `${desired.epoch}.${desired.generation}: it goes on with epoch ${raised.epoch}`,
    });
  }

  return {
    async createToken({ labels, expiresInMs }) {
      checkLabels(labels);
      const token = hasher.newSecret();
      const createdAtMs = clock.now();
      const expiresAtMs = createdAtMs + expiresInMs;
      await database.tokens.add({ hash: hasher.hash(token), labels, createdAtMs, expiresAtMs });
      return { token, expiresAtMs };
    },

    async enrol(request) {
      const device = request.device ?? parseDeviceId(ids.next("device"));
      const secret = hasher.newSecret();
      const atMs = clock.now();
      await database.transaction(async (stores) => {
        const taken = await stores.tokens.take(hasher.hash(request.token), device, atMs);
        if (taken === undefined)
          throw new EnrolmentRefusedError("the enrolment token is not valid: ask for a new one (sedge device token)");
        // From here on what is thrown leaves the token unused: the transaction takes nothing.
        if ((await stores.publishers.list()).length === 0)
          throw new ConflictError(
            "this control plane knows no publisher, so the device could never accept a model: push a model or run " +
              "`sedge publisher add`, then enrol again. The token was not used and is still good",
          );
        // What the operator wrote into the token is stronger than what the device says of itself.
        const labels = { ...request.labels, ...taken.labels };
        checkLabels(labels);
        const added = await stores.devices.add({
          id: device,
          labels,
          hardware: request.hardware,
          secretHash: hasher.hash(secret),
          enrolledAtMs: atMs,
        });
        if (!added) throw new ConflictError(`the device id "${device}" is taken: choose another`);
        await stores.events.add({
          atMs,
          kind: "device.enrolled",
          device,
          rollout: undefined,
          text: `${device} was enrolled${request.hardware ? ` (${request.hardware})` : ""}`,
        });
        const enrolled = { id: device, labels, hardware: request.hardware, profile: undefined };
        await tellUndecidedSettings(stores, undefined, enrolled, atMs);
      });
      changed();
      return { device, secret };
    },

    list: async () => (await database.devices.list()).map(withSigns),
    count: () => database.devices.count(),
    after: async (id, limit) => (await database.devices.after(id, limit)).map(withSigns),
    async get(id) {
      const device = await database.devices.get(id);
      return device && withSigns(device);
    },
    desired: (id) => database.desired.get(id),

    async changeLabels(id, changes) {
      const device = await database.transaction(async (stores) => {
        const before = await known(stores, id);
        const entries = Object.entries({ ...before.labels, ...changes });
        const labels = Object.fromEntries(
          entries.filter((entry): entry is [string, string] => entry[1] !== null).sort(([a], [b]) => (a < b ? -1 : 1)),
        );
        checkLabels(labels);
        await stores.devices.setLabels(id, labels);
        await tellUndecidedSettings(stores, before, { ...before, labels }, clock.now());
        return { ...before, labels };
      });
      changed();
      return withSigns(device);
    },

    async revoke(id, by) {
      await database.transaction(async (stores) => {
        const device = await known(stores, id);
        if (device.revokedAtMs !== undefined) return;
        await stores.devices.revoke(id, clock.now());
        await noteRevoked(stores, id, clock.now());
        await stores.events.add({
          atMs: clock.now(),
          kind: "device.revoked",
          device: id,
          rollout: undefined,
          by,
          text: `${id} was revoked and can no longer connect`,
        });
      });
      delivery.forget(id);
      gateway.disconnect(id);
      changed();
    },

    async onConnected(id) {
      let belongs = false;
      await ifKnown(id, (stores, device) => {
        belongs = true;
        return movePresence(stores, device, (presence) => transitions.onConnected(presence, clock.now()));
      });
      // It was revoked after the look at its secret and before it arrived.
      if (!belongs) gateway.disconnect(id);
    },
    async onDisconnected(id) {
      delivery.forget(id);
      seen.set(id, clock.now());
    },
    async onBirth(id, birth) {
      seen.set(id, clock.now());
      await ifKnown(id, async (stores, device) => {
        await noteReport(stores, id, birth, clock.now());
        await stores.devices.recordBirth(id, birth);
        await tellUndecidedAfterBirth(stores, device, birth, clock.now());
        await stores.health.setClockOffset(id, birth.deviceTimeMs - clock.now());
        await movePresence(stores, device, (presence) => transitions.onBirth(presence, birth, clock.now()));
        await catchUp(stores, id, birth.reported);
      });
      await delivery.afterBirth(id);
      changed();
    },
    onStatus: (id, status) =>
      ifKnown(id, (stores, device) =>
        movePresence(stores, device, (presence) => transitions.onStatus(presence, status, clock.now())),
      ),
    async onReported(id, reported) {
      await ifKnown(id, async (stores, { profile }) => {
        await noteReport(stores, id, { profile, reported }, clock.now());
        await stores.devices.recordReported(id, reported);
        await catchUp(stores, id, reported);
      });
      await delivery.afterReport(id, reported);
      changed();
    },
    onSeen: (id) => void seen.set(id, clock.now()),

    async judgeSilence() {
      const now = clock.now();
      await rememberSigns();
      // Those with a fresh sign are not asked for: in a fleet of thousands they are nearly all.
      const silent = [...seen].filter(([, seenAtMs]) => transitions.isSilent(seenAtMs, now));
      // Together: a site that lost its link is one commit, not a thousand.
      await Promise.all(
        silent.map(async ([id, seenAtMs]) => {
          await ifKnown(id, (stores, current) =>
            movePresence(stores, current, (before) => transitions.afterSilence(before, now)),
          );
          if (seen.get(id) === seenAtMs) seen.delete(id);
        }),
      );
      if (silent.length > 0) changed();
    },
  };
}

function sameConnection(a: Presence, b: Presence): boolean {
  return a.kind !== "online" || b.kind !== "online" || (a.bootId === b.bootId && a.connection === b.connection);
}

function checkLabels(labels: Labels): void {
  const count = Object.keys(labels).length;
  if (count > limits.labels)
    throw new InvalidDataError("the labels", [`a device has at most ${limits.labels} labels, not ${count}`]);
}
