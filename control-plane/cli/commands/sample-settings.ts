import { counted } from "../../domain/rollout/format-figure.ts";
import type { Command } from "commander";
import type { PrivacyRule } from "../../../proto/assignment-messages.ts";
import type { SampleReason } from "../../../proto/telemetry-messages.ts";
import { sampleReasons } from "../../../proto/telemetry-messages.ts";
import type { SampleRequestProgress } from "../../domain/sample-request.ts";
import { describeRequest } from "../../domain/sample-request.ts";
import type { SamplingSettings } from "../../domain/sampling-settings.ts";
import type { SamplingView } from "../../http/views.ts";
import { relativeTime } from "../duration.ts";
import { usageError } from "../exit-codes.ts";
import { formatPrivacyRule, readPrivacyRule } from "../privacy-rule-text.ts";
import type { Surroundings } from "../session.ts";
import { openSession } from "../session.ts";
import { formatSize } from "../sizes.ts";

interface SettingsOptions {
  readonly on?: boolean;
  readonly off?: boolean;
  readonly samplesPerDay?: number;
  readonly kilobytesPerDay?: number;
  readonly reasons?: readonly SampleReason[];
  readonly rule: readonly PrivacyRule[];
}

/** Of each device; a day of digits costs it less than its telemetry. */
const defaults: SamplingSettings = { samplesPerDay: 24, bytesPerDay: 1_000_000, reasons: ["uniform"], rules: [] };

export function addSampleSettings(sample: Command, surroundings: Surroundings): void {
  sample
    .command("settings <model>")
    .description("show or change what is sampled of a model; devices hear of it at once, without a rollout")
    .option("--on", "switch sampling on (24 samples and 1 MB a day of each device, uniform)")
    .option("--off", "switch it off; what is still on its way is not kept")
    .option("--samples-per-day <count>", "of each device", readPositive)
    .option("--kilobytes-per-day <count>", "of each device", readPositive)
    .option("--reasons <list>", `why samples are taken: ${sampleReasons.join(",")}`, readReasons)
    .option(
      "--rule <tensor=treatment>",
      "what may leave a device of an input or output: keep, drop, hash, round:STEP, bin:EDGES, blur:RADIUS; image=blur:2, person[3]=drop, *=keep; what has no rule is not sent; all rules together take the place of those before",
      (text: string, before: readonly PrivacyRule[]) => [...before, readPrivacyRule(text)],
      [],
    )
    .action(async (model: string, options: SettingsOptions, command: Command) => {
      const session = openSession(surroundings, command);
      if (options.on === true && options.off === true) throw usageError("either --on or --off");
      const api = await session.connect();
      const before = (await api.sampling(model)).sampling;
      if (options.off === true) await api.setSampling(model, undefined);
      else if (isChange(options)) {
        if (before === undefined && options.on !== true)
          throw usageError(`nothing of ${model} is sampled: --on switches it on`);
        await api.setSampling(model, changed(before ?? defaults, options));
      }
      const { sampling, requests } = await api.sampling(model);
      session.show({ model, sampling: sampling ?? null, requests }, () =>
        pageOf(model, sampling, requests, session.now()),
      );
    });
}

function isChange({ on, samplesPerDay, kilobytesPerDay, reasons, rule }: SettingsOptions): boolean {
  return on === true || [samplesPerDay, kilobytesPerDay, reasons].some((one) => one !== undefined) || rule.length > 0;
}

function changed(before: SamplingSettings, options: SettingsOptions): SamplingSettings {
  const { samplesPerDay, kilobytesPerDay, reasons, rule } = options;
  return {
    samplesPerDay: samplesPerDay ?? before.samplesPerDay,
    bytesPerDay: kilobytesPerDay === undefined ? before.bytesPerDay : 1_000 * kilobytesPerDay,
    reasons: reasons ?? before.reasons,
    rules: rule.length > 0 ? rule : before.rules,
  };
}

function readPositive(text: string): number {
  const value = text === "" ? Number.NaN : Number(text);
  if (value > 0 && Number.isFinite(value)) return value;
  throw usageError(`"${text}" is not a number above 0`);
}

function readReasons(text: string): readonly SampleReason[] {
  return text.split(",").map((name) => {
    const reason = sampleReasons.find((one) => one === name.trim());
    if (reason === undefined) throw usageError(`"${name}" is no reason; there are ${sampleReasons.join(", ")}`);
    return reason;
  });
}

function pageOf(
  model: string,
  sampling: SamplingView | undefined,
  requests: readonly SampleRequestProgress[],
  now: number,
): string {
  if (sampling === undefined) return `nothing of ${model} is sampled\n`;
  const { samplesPerDay, bytesPerDay, reasons, rules, changedBy, changedAtMs } = sampling;
  return [
    `model    ${model}`,
    `budget   ${counted(samplesPerDay, "sample")} and ${formatSize(bytesPerDay)} a day of each device`,
    `reasons  ${reasons.join(", ")}`,
    ...rules.map((rule, i) => `${i === 0 ? "rules    " : "         "}${formatPrivacyRule(rule)}`),
    `since    ${relativeTime(changedAtMs, now)}, by ${changedBy}`,
    ...requests.map(
      ({ came, ...request }, i) =>
        `${i === 0 ? "asked    " : "         "}${describeRequest(request)}, ends ${relativeTime(request.untilMs, now)}, by ${request.askedBy} (${request.id}); ${came} came`,
    ),
    "",
  ].join("\n");
}
