import type { FileHandle } from "node:fs/promises";
import { constants } from "node:fs";
import { lstat, open } from "node:fs/promises";
import { join } from "node:path";
import { limits } from "../../../proto/limits.ts";
import { hasExternalData } from "./has-external-data.ts";
import { mapTensors } from "./map-tensors.ts";
import type { ModelProto, TensorProto } from "./model.ts";
import { dataTypeName, elementCount, rawBytesOf } from "./tensor.ts";

/** Weights beside the model cannot be taken into it, for every reason in the message. */
export class ExternalDataError extends Error {
  override readonly name = "ExternalDataError";
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(`the weights outside the model file cannot be read:\n${problems.map((one) => `  - ${one}`).join("\n")}`);
    this.problems = problems;
  }
}

/**
 * The model with the weights that lie in other files of `directory` taken into it, so that one digest covers all. Only regular files
 * within the directory are read: no absolute path, no "..", no link of either kind (ONNX, docs/ExternalDataSecurity.md): a model from
 * somewhere must not carry a file of this machine away. A model that has no
 * such weights comes back as it is. Throws ExternalDataError.
 */
export async function inlineExternalData(
  model: ModelProto,
  directory: string,
  signal: AbortSignal,
): Promise<ModelProto> {
  const problems: string[] = [];
  const found = new Map<TensorProto, Uint8Array>();
  let total = 0;
  const wanted: TensorProto[] = [];
  mapTensors(model, (tensor) => {
    if (hasExternalData(tensor)) wanted.push(tensor);
    return tensor;
  });
  if (wanted.length === 0) return model;
  for (const tensor of wanted) {
    signal.throwIfAborted();
    const place = placeOf(tensor);
    total += typeof place === "string" ? 0 : place.length;
    if (total > limits.variantBytes) {
      problems.push(`together they have more than the ${limits.variantBytes} bytes of one protobuf message`);
      break;
    }
    const bytes = typeof place === "string" ? place : await readPlace(directory, place);
    if (typeof bytes === "string") problems.push(`tensor "${tensor.name ?? ""}": ${bytes}`);
    else found.set(tensor, bytes);
  }
  if (problems.length > 0) throw new ExternalDataError(problems);
  return mapTensors(model, (tensor) => {
    const rawData = found.get(tensor);
    if (rawData === undefined) return tensor;
    const { dataLocation: _, ...kept } = tensor;
    return { ...kept, externalData: [], rawData };
  });
}

interface Place {
  readonly location: string;
  readonly offset: number;
  readonly length: number;
}

/** Where the tensor's bytes are, or why nobody can say. */
function placeOf({ externalData, dims, dataType }: TensorProto): Place | string {
  const entries = new Map(externalData.map(({ key = "", value = "" }) => [key, value]));
  const location = entries.get("location");
  if (location === undefined || location === "") return "no location is given";
  const parts = location.split("/");
  if (/^[/\\]|^[a-z]:|\\|\0/i.test(location) || parts.some((part) => part === ".." || part === "." || part === ""))
    return `the location "${location}" is not the name of a file in the model's directory`;
  const type = dataTypeName(dataType);
  const count = elementCount(dims);
  const needed = type === undefined || count === undefined ? undefined : rawBytesOf(type, count);
  if (needed === undefined) return "its type and shape do not say how many bytes it has";
  const offset = wholeNumber(entries.get("offset") ?? "0");
  const length = wholeNumber(entries.get("length") ?? String(needed));
  if (offset === undefined || length === undefined) return "offset and length must be whole numbers";
  if (length !== needed) return `its shape needs ${needed} bytes, ${length} are given`;
  return { location, offset, length };
}

function wholeNumber(text: string): number | undefined {
  return /^\d{1,15}$/.test(text) ? Number(text) : undefined;
}

async function readPlace(directory: string, { location, offset, length }: Place): Promise<Uint8Array | string> {
  let path = directory;
  for (const part of location.split("/")) {
    path = join(path, part);
    const entry = await lstat(path).catch(() => undefined);
    if (entry === undefined) return `there is no file "${location}" beside the model`;
    if (entry.isSymbolicLink()) return `"${location}" is a symbolic link`;
  }
  // What is opened is what is checked: a name could come to mean another file in between.
  const handle = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  try {
    const entry = await handle.stat();
    if (!entry.isFile()) return `"${location}" is not a file`;
    if (entry.nlink > 1) return `"${location}" has another name as well (a hard link)`;
    if (offset + length > entry.size)
      return `"${location}" has ${entry.size} bytes; ${length} from byte ${offset} on are asked for`;
    return await readAt(handle, offset, length);
  } finally {
    await handle.close();
  }
}

async function readAt(handle: FileHandle, offset: number, length: number): Promise<Uint8Array | string> {
  const bytes = new Uint8Array(length);
  let done = 0;
  while (done < length) {
    // One read() call gives at most 2 GiB, and may give less than it was asked for.
    const { bytesRead } = await handle.read(bytes, done, Math.min(length - done, 2 ** 30), offset + done);
    if (bytesRead === 0) return "the file became shorter while it was read";
    done += bytesRead;
  }
  return bytes;
}
