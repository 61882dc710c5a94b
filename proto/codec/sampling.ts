import { base64OfBytes, bytesOfBase64 } from "../bytes.ts";
import type { sedge } from "../generated/sedge.js";
import type { SampleRequestId } from "../ids.ts";
import { isSampleRequestId } from "../ids.ts";
import { limits } from "../limits.ts";
import type { ModelSampling, PrivacyRule, PrivacyTreatment, SampleRequest, Sampling } from "../assignment-messages.ts";
import { privacyRuleKinds } from "../assignment-messages.ts";
import type { SampleReason } from "../telemetry-messages.ts";
import { sampleReasons, takenReasons } from "../telemetry-messages.ts";
import type { Problems } from "../problems.ts";
import type { SampleCondition } from "../sample-condition.ts";
import { parseSampleCondition } from "../sample-condition.ts";
import { modelField, nameOfNumber, numberOfName, quantityField, textField } from "./narrow.ts";

/** More than the SubjectPublicKeyInfo of any P-256 key has. */
const mostKeyBytes = 256;

export function rawSampling({ key, models, requests = [] }: Sampling): sedge.v1.Sampling.$Properties {
  return {
    key: bytesOfBase64(key) ?? new Uint8Array(),
    models: models.map(rawModelSampling),
    ...(requests.length > 0 && { requests: requests.map(rawRequest) }),
  };
}

export function narrowSampling(raw: sedge.v1.Sampling.$Properties, path: string, problems: Problems): Sampling {
  const key = raw.key ?? new Uint8Array();
  if (key.length > mostKeyBytes) problems.add(`${path}.key`, `${key.length} bytes are more than ${mostKeyBytes}`);
  const requests = raw.requests ?? [];
  if (requests.length > limits.sampleRequests)
    problems.add(`${path}.requests`, `${requests.length} are more than ${limits.sampleRequests}`);
  return {
    key: base64OfBytes(key),
    models: (raw.models ?? []).map((model, i) => narrowModelSampling(model, `${path}.models[${i}]`, problems)),
    ...(requests.length > 0 && {
      requests: requests
        .slice(0, limits.sampleRequests)
        .map((request, i) => narrowRequest(request, `${path}.requests[${i}]`, problems)),
    }),
  };
}

function rawRequest({ id, model, count, untilMs, where }: SampleRequest): sedge.v1.SampleRequest.$Properties {
  const end = where === undefined ? { until_ms: untilMs } : { where, where_until_ms: untilMs };
  return { id, model, count, ...end };
}

function narrowRequest(raw: sedge.v1.SampleRequest.$Properties, path: string, problems: Problems): SampleRequest {
  const id = raw.id ?? "";
  if (!isSampleRequestId(id)) problems.add(`${path}.id`, `"${id.slice(0, 80)}" is not the id of a request`);
  const count = raw.count ?? 0;
  if (count < 1 || count > limits.requestedSamples)
    problems.add(`${path}.count`, `${count} is not a number from 1 to ${limits.requestedSamples}`);
  const where = raw.where ?? "";
  const condition = where === "" ? undefined : parseSampleCondition(where);
  if (condition?.ok === false) for (const problem of condition.problems) problems.add(`${path}.where`, problem);
  return {
    id: id as SampleRequestId,
    model: modelField(problems, `${path}.model`, raw.model),
    count,
    ...(condition === undefined
      ? { untilMs: quantityField(problems, `${path}.until_ms`, raw.until_ms) }
      : {
          untilMs: quantityField(problems, `${path}.where_until_ms`, raw.where_until_ms),
          where: where as SampleCondition,
        }),
  };
}

function rawModelSampling(sampling: ModelSampling): sedge.v1.ModelSampling.$Properties {
  return {
    model: sampling.model,
    samples_per_day: sampling.samplesPerDay,
    bytes_per_day: sampling.bytesPerDay,
    reasons: sampling.reasons.map((reason) => numberOfName(takenReasons, reason)),
    rules: sampling.rules.map(rawRule),
    salt: sampling.salt,
  };
}

function narrowModelSampling(raw: sedge.v1.ModelSampling.$Properties, path: string, problems: Problems): ModelSampling {
  const rules = raw.rules ?? [];
  if (rules.length > limits.privacyRules)
    problems.add(`${path}.rules`, `${rules.length} are more than ${limits.privacyRules}`);
  return {
    model: modelField(problems, `${path}.model`, raw.model),
    samplesPerDay: quantityField(problems, `${path}.samples_per_day`, raw.samples_per_day),
    bytesPerDay: quantityField(problems, `${path}.bytes_per_day`, raw.bytes_per_day),
    reasons: (raw.reasons ?? [])
      .slice(0, sampleReasons.length)
      .map((reason, i) => narrowReason(reason, `${path}.reasons[${i}]`, problems)),
    rules: rules.slice(0, limits.privacyRules).map((rule, i) => narrowRule(rule, `${path}.rules[${i}]`, problems)),
    salt: textField(problems, `${path}.salt`, raw.salt, 64),
  };
}

/** Under the numbers that samples have too. */
function narrowReason(raw: number, path: string, problems: Problems): SampleReason {
  const reason = nameOfNumber(problems, path, takenReasons, raw);
  if (reason !== "requested") return reason;
  problems.add(path, `"${reason}" is asked for by a request, not chosen by`);
  return sampleReasons[0];
}

function rawRule(rule: PrivacyRule): sedge.v1.PrivacyRule.$Properties {
  return {
    tensor: rule.tensor,
    ...(rule.column !== undefined && { column: rule.column + 1 }),
    kind: numberOfName(privacyRuleKinds, rule.kind),
    ...(rule.kind === "round" && { step: rule.step }),
    ...(rule.kind === "bin" && { edges: [...rule.edges] }),
    ...(rule.kind === "blur" && { radius: rule.radius }),
  };
}

function narrowRule(raw: sedge.v1.PrivacyRule.$Properties, path: string, problems: Problems): PrivacyRule {
  return {
    tensor: textField(problems, `${path}.tensor`, raw.tensor, 256),
    ...(raw.column && { column: raw.column - 1 }),
    ...narrowTreatment(raw, path, problems),
  };
}

function narrowTreatment(raw: sedge.v1.PrivacyRule.$Properties, path: string, problems: Problems): PrivacyTreatment {
  const kind = nameOfNumber(problems, `${path}.kind`, privacyRuleKinds, raw.kind);
  switch (kind) {
    case "keep":
    case "drop":
    case "hash":
      return { kind };
    case "round": {
      const step = quantityField(problems, `${path}.step`, raw.step);
      if (step === 0) problems.add(`${path}.step`, "is not above 0");
      return { kind, step };
    }
    case "bin": {
      const edges = raw.edges ?? [];
      if (edges.length === 0 || edges.length > limits.privacyEdges)
        problems.add(`${path}.edges`, `there are 1 to ${limits.privacyEdges} edges, not ${edges.length}`);
      if (!edges.every((edge, i) => Number.isFinite(edge) && (i === 0 || edge > (edges[i - 1] as number))))
        problems.add(`${path}.edges`, "do not ascend");
      return { kind, edges: edges.slice(0, limits.privacyEdges) };
    }
    case "blur": {
      const radius = raw.radius ?? 0;
      if (radius === 0) problems.add(`${path}.radius`, "is not above 0");
      return { kind, radius };
    }
  }
}
