import type { IncomingMessage } from "node:http";
import { createGunzip, createInflate } from "node:zlib";
import { mebibytes } from "../../../proto/units.ts";
import type { BodyLitter } from "./body-litter.ts";
import type { RoomLease } from "./body-rooms.ts";
import type { ByteShare } from "./byte-budget.ts";
import { comeAgain, RequestError } from "./request-error.ts";

export interface BodyLimits {
  readonly maxBytes: number;
  readonly share: ByteShare;
  readonly room: RoomLease;
  readonly litter: BodyLitter;
}

/** Elements of every type may be read at an address that is a multiple of this. */
const alignment = 8;

const mostDrained = mebibytes(64);

const decompressors = { gzip: createGunzip, deflate: createInflate };

/**
 * The whole body, decompressed (Content-Encoding gzip or deflate, as Triton takes them). What follows the first `headerLength` bytes begins at an address at which
 * tensors can be read without a copy. Rejects with RequestError.
 */
export async function readBody(
  request: IncomingMessage,
  headerLength: number | undefined,
  limits: BodyLimits,
): Promise<Uint8Array> {
  const encoding = (request.headers["content-encoding"] ?? "identity").toLowerCase();
  if (encoding === "identity") return await collect(request, headerLength ?? 0, limits);
  if (encoding !== "gzip" && encoding !== "deflate")
    throw new RequestError(415, "refused", `the content encoding is "${encoding}"; gzip and deflate are read`, {
      "accept-encoding": "gzip, deflate",
    });
  const compressed = await collect(request, 0, limits);
  try {
    return await decompress(encoding, compressed, limits);
  } catch (error) {
    if (error instanceof RequestError) throw error;
    throw new RequestError(400, "invalid-input", `the body is not ${encoding}: ${String(error)}`);
  }
}

/** Every piece is taken from the share as it is made: many small bodies can become large ones at the same time. */
function decompress(
  encoding: keyof typeof decompressors,
  compressed: Uint8Array,
  limits: BodyLimits,
): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    const pieces: Buffer[] = [];
    let length = 0;
    const stream = decompressors[encoding]();
    stream.on("data", (piece: Buffer) => {
      length += piece.length;
      pieces.push(piece);
      if (length > limits.maxBytes) stream.destroy(tooLarge(limits));
      else if (!limits.share.take(piece.length)) stream.destroy(outOfRoom());
    });
    stream.once("error", reject).once("end", () => resolve(Buffer.concat(pieces, length)));
    stream.end(compressed);
  });
}

/** By events and not `for await`: for a small body the iterator would cost more than everything else that is done with it. */
async function collect(request: IncomingMessage, headerLength: number, limits: BodyLimits): Promise<Uint8Array> {
  const declared = Number(request.headers["content-length"] ?? Number.NaN);
  if (declared > limits.maxBytes) {
    if (declared <= mostDrained) await drained(request);
    throw tooLarge(limits);
  }
  // Room for what was declared is only promised by the system until bytes are written there: who declares much and sends nothing
  // holds nothing.
  const padding = (alignment - (headerLength % alignment)) % alignment;
  let room = limits.room.take(padding + (Number.isNaN(declared) ? 0 : declared));
  let length = padding;
  const add = (chunk: Buffer): void => {
    const end = length + chunk.length;
    if (end - padding > limits.maxBytes) throw tooLarge(limits);
    if (!limits.share.take(chunk.length)) throw outOfRoom();
    if (end > room.length) {
      const larger = limits.room.take(Math.max(end, 2 * room.length));
      larger.set(room);
      room = larger;
    }
    room.set(chunk, length);
    length = end;
  };
  await readChunks(request, add);
  limits.litter.add(length);
  return room.subarray(padding, length);
}

/** Resolves at the end of the body; rejects with what `take` throws, or when the body breaks off. */
function readChunks(request: IncomingMessage, take: (chunk: Buffer) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    const settle = () => {
      request.off("data", onData).off("end", onEnd).off("error", onBroken).off("close", onBroken);
    };
    const onData = (chunk: Buffer) => {
      try {
        take(chunk);
      } catch (error) {
        settle();
        void drained(request).then(() => reject(error as Error));
      }
    };
    const onEnd = () => (settle(), resolve());
    const onBroken = () => {
      settle();
      reject(new RequestError(499, "failed", "the caller has gone before the whole body had come"));
    };
    request.on("data", onData).on("end", onEnd).on("error", onBroken).on("close", onBroken);
  });
}

/**
 * Resolves when the rest of a body that is refused has come, and was thrown away. Many clients look at an answer only when they have
 * sent all of the body: where the connection is closed before, they never see why. What is larger than any mistake is not waited for.
 */
function drained(request: IncomingMessage): Promise<void> {
  return new Promise((resolve) => {
    let bytes = 0;
    const settle = () => {
      request.off("data", onData).off("end", settle).off("error", settle).off("close", settle);
      resolve();
    };
    const onData = (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes > mostDrained) settle();
    };
    request.on("data", onData).on("end", settle).on("error", settle).on("close", settle);
    request.resume();
  });
}

function tooLarge({ maxBytes }: BodyLimits): RequestError {
  return new RequestError(413, "too-large", `the body may have ${maxBytes} bytes`);
}

function outOfRoom(): RequestError {
  return comeAgain("overloaded", "too many bytes are waiting already", 100);
}
