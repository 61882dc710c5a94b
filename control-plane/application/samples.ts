import type { DeviceId, ModelName } from "../../proto/ids.ts";
import { mebibytes } from "../../proto/units.ts";
import type { GoldenCase } from "../../proto/tensors.ts";
import type { SamplingSettings, StoredSamplingSettings } from "../domain/sampling-settings.ts";
import { placeOf, samplingProblems } from "../domain/sampling-settings.ts";
import type { Clock, SampleOpener, SecretHasher } from "./ports.ts";
import type { Database, Stores } from "./stores.ts";
import type { SampleQuery, SampleLine } from "./telemetry-stores.ts";
import { InvalidDataError, NotFoundError } from "./refusals.ts";

/** Real inferences that devices sent back. */
export interface Samples {
  /** Undefined while nothing of the model is sampled. Throws NotFoundError for a model that nobody pushed. */
  settings(model: ModelName): Promise<StoredSamplingSettings | undefined>;
  /**
   * Switches sampling on, changes it, or (undefined) off. Devices hear of it in their next assignment, which goes out at once; no
   * rollout is needed. Throws NotFoundError, InvalidDataError.
   */
  change(model: ModelName, settings: SamplingSettings | undefined, by: string): Promise<void>;
  /** Newest first; what is in them stays sealed. */
  list(query: SampleQuery): Promise<readonly SampleLine[]>;
  /** As `list`, opened: that somebody looked is an event. Fewer than there are, and at least one, where they are large. */
  open(query: SampleQuery & { readonly model: ModelName }, by: string): Promise<readonly OpenedSample[]>;
}

export interface OpenedSample extends SampleLine {
  /** Undefined where the seal does not hold: it was made for another key, or the sample was changed. */
  readonly content: GoldenCase | undefined;
}

export interface SamplesOptions {
  readonly database: Database;
  readonly opener: SampleOpener;
  readonly hasher: Pick<SecretHasher, "newSecret">;
  readonly clock: Pick<Clock, "now">;
  readonly deliver: (device: DeviceId) => void;
}

export function createSamples({ database, opener, hasher, clock, deliver }: SamplesOptions): Samples {
  return {
    async settings(model) {
      await tensorsOf(database, model);
      return database.samples.settings(model);
    },

    change: (model, settings, by) =>
      database.transaction(async (stores, afterCommit) => {
        const tensors = await tensorsOf(stores, model);
        const problems = settings === undefined ? [] : samplingProblems(settings, tensors);
        if (problems.length > 0) throw new InvalidDataError("the sampling settings", problems);
        const before = await stores.samples.settings(model);
        if (settings === undefined && before === undefined) return;
        const changedAtMs = clock.now();
        const stored = settings && {
          model,
          samplesPerDay: settings.samplesPerDay,
          bytesPerDay: settings.bytesPerDay,
          reasons: settings.reasons,
          rules: settings.rules,
          salt: before?.salt ?? hasher.newSecret(),
          changedAtMs,
          changedBy: by,
        };
        await stores.samples.setSettings(model, stored);
        const text = settings === undefined ? "nothing is sampled any more" : sentenceOf(settings);
        await stores.events.add({
          atMs: changedAtMs,
          kind: "sample.settings",
          device: undefined,
          rollout: undefined,
          by,
          text: `${model}: ${text}`,
        });
        const devices = await stores.desired.wanting(model);
        afterCommit(() => devices.forEach(deliver));
      }),

    list: (query) => database.samples.list(query),

    async open(query, by) {
      const found = atOnce(await database.samples.list(query));
      if (found.length === 0) return [];
      await database.events.add({
        atMs: clock.now(),
        kind: "sample.opened",
        device: query.device,
        rollout: undefined,
        by,
        text: `${found.length} samples of ${query.model} were opened`,
      });
      const opened: OpenedSample[] = [];
      for (const line of found) {
        const sealed = await database.samples.sealed(line.id);
        const sample = sealed && { kind: "sample" as const, ...line.head, sealed };
        opened.push({ ...line, content: sample && opener.open(line.device, sample) });
      }
      return opened;
    },
  };
}

/** What is opened at once waits in memory for its answer. */
const mostBytesAtOnce = mebibytes(8);

/** The first of them that together are not too large; at least one. */
function atOnce(lines: readonly SampleLine[]): readonly SampleLine[] {
  let sum = 0;
  return lines.filter(({ bytes }, i) => {
    sum += bytes;
    return i === 0 || sum <= mostBytesAtOnce;
  });
}

async function tensorsOf({ models }: Pick<Stores, "models">, model: ModelName) {
  const versions = (await models.list()).filter((record) => record.model === model);
  if (versions.length === 0) throw new NotFoundError(`there is no model "${model}"; "sedge model list" names them`);
  return versions.flatMap(({ manifest }) => [...manifest.inputs, ...manifest.outputs]);
}

function sentenceOf({ samplesPerDay, bytesPerDay, reasons, rules }: SamplingSettings): string {
  const treatments = rules.map((rule) => `${placeOf(rule)} ${rule.kind}`).join(", ");
  return `${samplesPerDay} samples and ${bytesPerDay} bytes a day of each device for ${reasons.join(", ")}; ${treatments}`;
}
