import type { ModelName, DeviceId, SampleRequestId } from "../../proto/ids.ts";
import type { SampleCondition } from "../../proto/sample-condition.ts";
import type { AskedSamples, SampleRequestProgress, StoredSampleRequest } from "../domain/sample-request.ts";
import { describeRequest, isAsked, sampleRequestProblems } from "../domain/sample-request.ts";
import type { Clock, Ids } from "./ports.ts";
import { ConflictError, InvalidDataError, NotFoundError } from "./refusals.ts";
import type { Database, Stores } from "./stores.ts";

/** People who want the next inferences of a model. */
export interface SampleRequests {
  /**
   * Asks devices for the next inferences of a model that is sampled. Answers how many devices have it and are meant now; one that
   * comes to it in time is asked then. Throws NotFoundError, ConflictError when nothing of the model is sampled, InvalidDataError.
   */
  ask(model: ModelName, asked: AskedSamples, by: string): Promise<SamplesAsked>;
  /** Nothing that comes for it from now on is kept. Throws NotFoundError, ConflictError when it has ended. */
  cancel(id: SampleRequestId, by: string): Promise<SampleRequestProgress>;
  /** The newest first, with what came for each; `all`: those that have ended too. */
  list(query: {
    readonly model?: ModelName | undefined;
    readonly all: boolean;
    readonly limit: number;
  }): Promise<readonly SampleRequestProgress[]>;
  /** The total of these is there: their devices need not look any more. Rejects never. */
  tellEnded(requests: readonly StoredSampleRequest[]): Promise<void>;
}

export interface SamplesAsked {
  readonly request: StoredSampleRequest;
  readonly devices: number;
}

export interface SampleRequestsOptions {
  readonly database: Database;
  readonly clock: Pick<Clock, "now">;
  readonly ids: Ids;
  readonly deliver: (device: DeviceId) => void;
}

export function createSampleRequests({ database, clock, ids, deliver }: SampleRequestsOptions): SampleRequests {
  return {
    ask: (model, asked, by) =>
      database.transaction(async (stores, afterCommit) => {
        const versions = (await stores.models.list()).filter((record) => record.model === model);
        if (versions.length === 0) throw new NotFoundError(`there is no model ${model}`);
        if ((await stores.samples.settings(model)) === undefined)
          throw new ConflictError(
            `nothing of ${model} is sampled, so that nobody has said what of it may leave a device: "sedge sample settings ${model} --on --rule '*=keep'" says all of it (there are rules for single tensors and columns too)`,
          );
        const askedAtMs = clock.now();
        const streams = versions.flatMap(({ manifest }) => manifest.reference.streams);
        const problems = sampleRequestProblems(asked, streams, (await stores.samples.requests(askedAtMs)).length);
        if (problems.length > 0) throw new InvalidDataError("the request", problems);
        const { selector, count, total, where, forMs } = asked;
        const request: StoredSampleRequest = {
          id: ids.next("q") as SampleRequestId,
          model,
          selector,
          count,
          total,
          where: where as SampleCondition | undefined,
          untilMs: askedAtMs + forMs,
          askedAtMs,
          askedBy: by,
          ended: undefined,
        };
        await stores.samples.addRequest(request);
        await stores.events.add({
          ...about(askedAtMs, by),
          kind: "sample.requested",
          text: `${describeRequest(request)} (${request.id})`,
        });
        const meant = await meantBy(stores, request);
        afterCommit(() => meant.forEach(deliver));
        return { request, devices: meant.length };
      }),

    cancel: (id, by) =>
      database.transaction(async (stores, afterCommit) => {
        const request = await stores.samples.request(id);
        if (request === undefined) throw new NotFoundError(`there is no request ${id}`);
        const atMs = clock.now();
        if (request.ended !== undefined || request.untilMs <= atMs)
          throw new ConflictError(`the request ${id} has ended already`);
        await stores.samples.endRequest(id, atMs, by);
        await stores.events.add({
          ...about(atMs, by),
          kind: "sample.request-cancelled",
          text: `${describeRequest(request)} (${id}) was cancelled`,
        });
        const meant = await meantBy(stores, request);
        afterCommit(() => meant.forEach(deliver));
        return { ...request, ended: { atMs, by } };
      }),

    list: ({ model, all, limit }) =>
      database.samples.newestRequests({ model, limit, openAtMs: all ? undefined : clock.now() }),

    async tellEnded(requests) {
      for (const request of requests) (await meantBy(database, request).catch(() => [])).forEach(deliver);
    },
  };
}

function about(atMs: number, by: string) {
  return { atMs, by, device: undefined, rollout: undefined };
}

/** Devices that have the model and are those that are asked. */
async function meantBy(
  { desired, devices }: Pick<Stores, "desired" | "devices">,
  request: StoredSampleRequest,
): Promise<readonly DeviceId[]> {
  const having = new Set(await desired.wanting(request.model));
  return (await devices.list())
    .filter((device) => having.has(device.id) && isAsked(request, device))
    .map(({ id }) => id);
}
