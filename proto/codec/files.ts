import { bytesOfDigest } from "../bytes.ts";
import type { sedge } from "../generated/sedge.js";
import { limits } from "../limits.ts";
import type { BlockData, BlockRequest, DeltaAnswer, DeltaOffer, DeltaRequest } from "../messages.ts";
import type { Problems } from "../problems.ts";
import { digestField, nameOfNumber, numberOfName, quantityField, textField } from "./narrow.ts";

/** Files in blocks, and the question for a delta, over the MQTT connection. */
export function rawBlockRequest(request: BlockRequest): sedge.v1.BlockRequest.$Properties {
  return { digest: bytesOfDigest(request.digest), offset: request.offset, length: request.length };
}

export function narrowBlockRequest(raw: sedge.v1.BlockRequest.$Properties, problems: Problems): BlockRequest {
  const length = raw.length ?? 0;
  if (length < 1 || length > limits.blockBytes)
    problems.add("block_request.length", `1 to ${limits.blockBytes}, not ${length}`);
  const offset = quantityField(problems, "block_request.offset", raw.offset);
  if (!Number.isInteger(offset)) problems.add("block_request.offset", `${offset} is not an integer`);
  return { kind: "block-request", digest: digestField(problems, "block_request.digest", raw.digest), offset, length };
}

export function rawBlockData(block: BlockData): sedge.v1.BlockData.$Properties {
  return {
    digest: bytesOfDigest(block.digest),
    offset: block.offset,
    size: block.size,
    data: block.data,
    error: block.error,
  };
}

export function narrowBlockData(raw: sedge.v1.BlockData.$Properties, problems: Problems): BlockData {
  return {
    kind: "block-data",
    digest: digestField(problems, "block_data.digest", raw.digest),
    offset: quantityField(problems, "block_data.offset", raw.offset),
    size: quantityField(problems, "block_data.size", raw.size),
    data: raw.data ?? new Uint8Array(),
    error: textField(problems, "block_data.error", raw.error),
  };
}

export function rawDeltaRequest({ base, target }: DeltaRequest): sedge.v1.DeltaRequest.$Properties {
  return { base: bytesOfDigest(base), target: bytesOfDigest(target) };
}

export function narrowDeltaRequest(raw: sedge.v1.DeltaRequest.$Properties, problems: Problems): DeltaRequest {
  return {
    kind: "delta-request",
    base: digestField(problems, "delta_request.base", raw.base),
    target: digestField(problems, "delta_request.target", raw.target),
  };
}

/** Their numbers start at 1. */
const states = ["ready", "being-made", "none"] as const satisfies readonly DeltaAnswer["kind"][];

export function rawDeltaOffer({ base, target, answer }: DeltaOffer): sedge.v1.DeltaOffer.$Properties {
  const about = { base: bytesOfDigest(base), target: bytesOfDigest(target), state: numberOfName(states, answer.kind) };
  switch (answer.kind) {
    case "ready":
      return { ...about, digest: bytesOfDigest(answer.file.digest), size: answer.file.size };
    case "being-made":
      return { ...about, retry_after_ms: answer.retryAfterMs };
    case "none":
      return about;
  }
}

export function narrowDeltaOffer(raw: sedge.v1.DeltaOffer.$Properties, problems: Problems): DeltaOffer {
  return {
    kind: "delta-offer",
    base: digestField(problems, "delta_offer.base", raw.base),
    target: digestField(problems, "delta_offer.target", raw.target),
    answer: narrowAnswer(raw, problems),
  };
}

function narrowAnswer(raw: sedge.v1.DeltaOffer.$Properties, problems: Problems): DeltaAnswer {
  const kind = nameOfNumber(problems, "delta_offer.state", states, raw.state);
  switch (kind) {
    case "ready": {
      const size = raw.size ?? 0;
      if (!Number.isInteger(size) || size < 1 || size > limits.variantBytes)
        problems.add("delta_offer.size", `${size} is not the size of a file`);
      return { kind, file: { digest: digestField(problems, "delta_offer.digest", raw.digest), size } };
    }
    case "being-made":
      return { kind, retryAfterMs: quantityField(problems, "delta_offer.retry_after_ms", raw.retry_after_ms) };
    case "none":
      return { kind };
  }
}
