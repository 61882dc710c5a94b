import { JsonReader } from "../../../proto/json-reader.ts";
import { Problems } from "../../../proto/problems.ts";
import type { Tensor, TensorType } from "../../../proto/tensors.ts";
import type { WorkerReply } from "../portable/model-conversation.ts";
import { elementCountOf, elementsOf } from "../portable/tensor-elements.ts";

/** What the process of a model sent is no reply. */
export class ReplyFormatError extends Error {
  override readonly name = "ReplyFormatError";
}

const tensorsAtMost = 4_096;
const dimensionsAtMost = 64;
const tensorTypes = Object.keys(elementsOf) as readonly TensorType[];

/**
 * One reply: the JSON of its head and the bytes of its tensors, which the answer's tensors are views on. A tensor has as many bytes as
 * its shape makes, and all have as many as there are: what reads them later relies on it. Throws ReplyFormatError.
 */
export function readInferenceReply(head: string, tensors: Uint8Array): WorkerReply {
  const problems = new Problems();
  const reply = replyIn(new JsonReader(parsed(head), "", problems), tensors);
  if (problems.any) throw new ReplyFormatError(problems.list.slice(0, 3).join("; "));
  return reply;
}

function parsed(head: string): unknown {
  try {
    return JSON.parse(head);
  } catch (error) {
    throw new ReplyFormatError(`its head is not JSON: ${String(error)}`, { cause: error });
  }
}

function replyIn(root: JsonReader, tensors: Uint8Array): WorkerReply {
  const kind = root.field("kind").oneOf(["outputs", "loaded", "not-loaded", "failed"]);
  if (kind !== "outputs" && tensors.length > 0) root.problems.add("kind", `${tensors.length} bytes follow a "${kind}"`);
  switch (kind) {
    case "loaded":
      return { kind };
    case "not-loaded":
      return { kind, reason: reasonIn(root) };
    case "failed":
      return {
        kind,
        id: root.field("id").count(Number.MAX_SAFE_INTEGER),
        reason: reasonIn(root),
      };
    case "outputs":
      return {
        kind,
        id: root.field("id").count(Number.MAX_SAFE_INTEGER),
        outputs: tensorsIn(root.field("outputs"), tensors),
      };
  }
}

/** Whoever shows it shortens it; some runtimes give none. */
function reasonIn(root: JsonReader): string {
  return String(root.field("reason").scalar(Infinity));
}

function tensorsIn(list: JsonReader, bytes: Uint8Array): readonly Tensor[] {
  let at = 0;
  const tensors = list.list(tensorsAtMost).map((one): Tensor => {
    const name = one.field("name").text(Infinity);
    const dataType = one.field("dataType").oneOf(tensorTypes) || "uint8";
    const dims = one
      .field("dims")
      .list(dimensionsAtMost)
      .map((dimension) => dimension.count(Number.MAX_SAFE_INTEGER));
    const size = one.field("size").count(Number.MAX_SAFE_INTEGER);
    const count = elementCountOf(dims);
    if (count === undefined || size !== count * elementsOf[dataType].BYTES_PER_ELEMENT)
      one.problems.add(`${one.path}.size`, `is ${size}, which ${dataType}[${dims.join(", ")}] does not make`);
    const rawData = bytes.subarray(at, at + size);
    at += size;
    return { name, dataType, dims, rawData };
  });
  if (at !== bytes.length) list.problems.add(list.path, `make ${at} bytes, and ${bytes.length} came`);
  return tensors;
}
