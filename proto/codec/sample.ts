import { bytesOfDigest, bytesOfText } from "../bytes.ts";
import { sedge } from "../generated/sedge.js";
import type { DeviceId, SampleRequestId } from "../ids.ts";
import { isSampleRequestId } from "../ids.ts";
import { limits } from "../limits.ts";
import type { Sample, SampleHead } from "../telemetry-messages.ts";
import { takenReasons } from "../telemetry-messages.ts";
import type { Problems } from "../problems.ts";
import { joined, sealing } from "../sealing.ts";
import {
  digestField,
  modelField,
  nameOfNumber,
  numberOfName,
  quantityField,
  textField,
  versionField,
} from "./narrow.ts";

const { pointBytes, tagBytes } = sealing;
const mostCiphertextBytes = limits.samplePartBytes + tagBytes;
const mostParts = Math.ceil((limits.sampleBytes + tagBytes) / mostCiphertextBytes);

export function rawSample({ sealed, part, request, ...head }: Sample): sedge.v1.Sample.$Properties {
  return {
    ...rawHead(head),
    ephemeral_key: sealed.ephemeralKey,
    ciphertext: sealed.ciphertext,
    ...(part !== undefined && { part: part.index, parts: part.of }),
    ...(request !== undefined && { request }),
  };
}

/** What a sample's seal covers beside its content: another device's name or another reason on it breaks the seal. */
export function sampleSealAbout(device: DeviceId, head: SampleHead): Uint8Array {
  return joined(bytesOfText(`${device}\n`), sedge.v1.Sample.encode(rawHead(head)).finish());
}

function rawHead(head: SampleHead): sedge.v1.Sample.$Properties {
  return {
    model: head.model,
    version: head.version,
    package: bytesOfDigest(head.package),
    variant: head.variant,
    taken_at_ms: head.takenAtMs,
    reason: numberOfName(takenReasons, head.reason),
    inclusion_probability: head.inclusionProbability,
  };
}

export function narrowSample(raw: sedge.v1.Sample.$Properties, path: string, problems: Problems): Sample {
  const inclusionProbability = raw.inclusion_probability ?? 0;
  if (!(inclusionProbability > 0 && inclusionProbability <= 1))
    problems.add(`${path}.inclusion_probability`, `${inclusionProbability} is not above 0 and at most 1`);
  const ephemeralKey = raw.ephemeral_key ?? new Uint8Array();
  if (ephemeralKey.length !== pointBytes)
    problems.add(`${path}.ephemeral_key`, `a point has ${pointBytes} bytes, not ${ephemeralKey.length}`);
  const ciphertext = raw.ciphertext ?? new Uint8Array();
  const index = raw.part ?? 0;
  const of = raw.parts ?? 0;
  const isPart = index !== 0 || of !== 0;
  if (isPart && (of < 2 || of > mostParts || index < 1 || index > of))
    problems.add(`${path}.part`, `${index} of ${of} is not a part of a sample, which has 2 to ${mostParts}`);
  const least = isPart ? 1 : tagBytes;
  if (ciphertext.length < least || ciphertext.length > mostCiphertextBytes)
    problems.add(`${path}.ciphertext`, `has ${ciphertext.length} bytes, not ${least} to ${mostCiphertextBytes}`);
  const request = raw.request ?? "";
  if (request !== "" && !isSampleRequestId(request))
    problems.add(`${path}.request`, `"${request.slice(0, 80)}" is not the id of a request`);
  return {
    kind: "sample",
    model: modelField(problems, `${path}.model`, raw.model),
    version: versionField(problems, `${path}.version`, raw.version),
    package: digestField(problems, `${path}.package`, raw.package),
    variant: textField(problems, `${path}.variant`, raw.variant, 64),
    takenAtMs: quantityField(problems, `${path}.taken_at_ms`, raw.taken_at_ms),
    reason: nameOfNumber(problems, `${path}.reason`, takenReasons, raw.reason),
    inclusionProbability,
    sealed: { ephemeralKey, ciphertext },
    ...(isPart && { part: { index, of } }),
    ...(request !== "" && { request: request as SampleRequestId }),
  };
}
