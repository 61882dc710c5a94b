import type { DeviceId } from "../../proto/ids.ts";
import type { DeviceSettings, ModelSampling, Sampling, TelemetrySettings } from "../../proto/assignment-messages.ts";
import type { ReportedState } from "../../proto/messages.ts";
import { limits } from "../../proto/limits.ts";
import { seconds } from "../../proto/units.ts";
import { isAsked } from "../domain/sample-request.ts";
import { byStrength } from "../domain/settings-version.ts";
import { createFewAtOnce } from "./few-at-once.ts";
import type { Clock, DeviceGateway, DirectorSigner, Logger } from "./ports.ts";
import type { Database, DesiredState } from "./stores.ts";

/**
 * Brings the desired state to devices: the whole of it, signed, when a device connects and when it changes. Sending it once too
 * often is harmless, because a device ignores what is not newer than what it accepted.
 */
export interface DesiredDelivery {
  /** False when there is nothing to send or the device is not connected: it gets it when it connects. Never rejects. */
  deliver(device: DeviceId): Promise<boolean>;
  /** The device was born, so whatever was sent to it before may be lost. */
  afterBirth(device: DeviceId): Promise<void>;
  /** Sends again what a device has not taken up, though not more often than every half minute: it may have refused it. */
  afterReport(device: DeviceId, reported: ReportedState): Promise<void>;
  forget(device: DeviceId): void;
}

export interface DesiredDeliveryOptions {
  readonly database: Pick<Database, "desired" | "devices" | "samples" | "settings">;
  readonly gateway: Pick<DeviceGateway, "send">;
  readonly signer: DirectorSigner;
  readonly clock: Pick<Clock, "now">;
  readonly log: Logger;
  readonly telemetry: TelemetrySettings;
  /** Samples are sealed for it: SubjectPublicKeyInfo, base64. */
  readonly sampleKey: string;
}

const sendAgainAfterMs = seconds(30);
/** Devices that are served at once, so that a rollout to thousands leaves time for what they say. */
const deliveriesAtOnce = 8;

interface Sent {
  readonly epoch: number;
  readonly generation: number;
  readonly atMs: number;
}

export function createDesiredDelivery(options: DesiredDeliveryOptions): DesiredDelivery {
  const { database, gateway, signer, clock, log, telemetry, sampleKey } = options;
  const sent = new Map<DeviceId, Sent>();
  const fewAtOnce = createFewAtOnce(deliveriesAtOnce);
  /** Deliveries that have not begun: what they will read is what is wanted then, so nobody needs to ask for another. */
  const waiting = new Map<DeviceId, Promise<boolean>>();

  async function send(device: DeviceId, desired: DesiredState): Promise<boolean> {
    const { epoch, generation, models, keepsModels } = desired;
    const atMs = clock.now();
    const sampling = await samplingOf(models);
    const inShadow = models.some(({ shadow }) => shadow !== undefined);
    const samplesShadow = sampling.some(({ reasons }) => reasons.includes("disagreement"));
    const knowsShadow = (inShadow || samplesShadow) && (await isAbleToShadow(device));
    if (inShadow && !knowsShadow) {
      log.warn(
        { device },
        "its agent does not know the shadow any more and would let the new version answer: it is told nothing",
      );
      return false;
    }
    const sampled = samplesShadow && !knowsShadow ? withoutDisagreement(sampling) : sampling;
    const settings = await settingsOf(desired);
    const statement = signer.sign({
      device,
      epoch,
      generation,
      issuedAtMs: atMs,
      models,
      telemetry,
      ...(sampled.length > 0 && {
        sampling: { key: sampleKey, models: sampled, ...(await requestsOf(device, sampled)) },
      }),
      ...(settings.length > 0 && { settings }),
      ...(keepsModels && { keepsModels: true }),
    });
    const connected = await gateway.send(device, { kind: "desired", statement });
    if (connected) sent.set(device, { epoch, generation, atMs });
    return connected;
  }

  async function samplingOf(models: DesiredState["models"]): Promise<readonly ModelSampling[]> {
    const settings = await Promise.all(models.map(({ model }) => database.samples.settings(model)));
    return settings.flatMap((one) => {
      if (one === undefined) return [];
      const { model, samplesPerDay, bytesPerDay, reasons, rules, salt } = one;
      return [{ model, samplesPerDay, bytesPerDay, reasons, rules, salt }];
    });
  }

  async function isAbleToShadow(id: DeviceId): Promise<boolean> {
    const device = await database.devices.get(id);
    return device?.profile?.abilities?.includes("shadow") === true;
  }

  async function requestsOf(id: DeviceId, sampled: readonly ModelSampling[]): Promise<Pick<Sampling, "requests">> {
    const open = (await database.samples.requests(clock.now())).filter((request) =>
      sampled.some(({ model }) => model === request.model),
    );
    const device = open.length === 0 ? undefined : await database.devices.get(id);
    const asked = device === undefined ? [] : open.filter((request) => isAsked(request, device));
    if (asked.length === 0) return {};
    return {
      requests: asked.slice(0, limits.sampleRequests).map(({ id: request, model, count, untilMs, where }) => ({
        id: request,
        model,
        count,
        untilMs,
        ...(where !== undefined && { where }),
      })),
    };
  }

  async function settingsOf({ settings }: DesiredState): Promise<readonly DeviceSettings[]> {
    const versions = await Promise.all(settings.map(({ name, version }) => database.settings.get(name, version)));
    return versions
      .filter((one) => one !== undefined)
      .sort(byStrength)
      .map(({ name, version, values }) => ({ name, version, values }));
  }

  /** Undefined while nothing was ever wanted of the device. */
  async function wanted(device: DeviceId): Promise<DesiredState | undefined> {
    const desired = await database.desired.get(device);
    return desired !== undefined && desired.generation > 0 ? desired : undefined;
  }

  function deliver(device: DeviceId): Promise<boolean> {
    const before = waiting.get(device);
    if (before !== undefined) return before;
    let hasBegun = false;
    const delivery = fewAtOnce(() => {
      hasBegun = true;
      waiting.delete(device);
      return deliverNow(device);
    });
    if (!hasBegun) waiting.set(device, delivery);
    return delivery;
  }

  async function deliverNow(device: DeviceId): Promise<boolean> {
    try {
      const desired = await wanted(device);
      return desired !== undefined && (await send(device, desired));
    } catch (error) {
      log.error({ device, err: error }, "a desired state could not be sent; the device gets it when it next reports");
      return false;
    }
  }

  return {
    deliver,
    async afterBirth(device) {
      sent.delete(device);
      await deliver(device);
    },
    async afterReport(device, reported) {
      const desired = await wanted(device);
      if (desired === undefined || !isOlder(reported, desired)) return;
      const last = sent.get(device);
      const isRepetition = last !== undefined && !isOlder(last, desired);
      if (isRepetition && clock.now() - last.atMs < sendAgainAfterMs) return;
      await deliver(device);
    },
    forget: (device) => void sent.delete(device),
  };
}

/** An agent from before there was a shadow refuses a whole assignment for a reason that it does not know. */
function withoutDisagreement(sampling: readonly ModelSampling[]): readonly ModelSampling[] {
  return sampling
    .map((one) => ({ ...one, reasons: one.reasons.filter((reason) => reason !== "disagreement") }))
    .filter(({ reasons }) => reasons.length > 0);
}

interface Version {
  readonly epoch: number;
  readonly generation: number;
}

/** Whether `a` comes before `b`: (epoch, generation), the epoch first. */
export function isOlder(a: Version, b: Version): boolean {
  return a.epoch < b.epoch || (a.epoch === b.epoch && a.generation < b.generation);
}
