import { brotliDecompress } from "../../../edge-agent/adapters/browser/brotli-decompress.ts";
import { browserRandom } from "../../../edge-agent/adapters/browser/browser-random.ts";
import { openDeviceDatabase } from "../../../edge-agent/adapters/browser/device-database.ts";
import { indexedFileStore } from "../../../edge-agent/adapters/browser/indexed-file-store.ts";
import { openIndexedSpool } from "../../../edge-agent/adapters/browser/indexed-spool.ts";
import { openIndexedStateStore } from "../../../edge-agent/adapters/browser/indexed-state-store.ts";
import { onnxRuntimeInWorker } from "../../../edge-agent/adapters/browser/onnxruntime-worker.ts";
import { webCrypto } from "../../../edge-agent/adapters/browser/web-crypto.ts";
import type { LoadableModel, Spool } from "../../../edge-agent/core/ports.ts";
import type { Lane } from "../../../proto/telemetry-messages.ts";
import { lanes } from "../../../proto/telemetry-messages.ts";

// Runs in the browser: makes the real adapters and calls them for the tests, which run in Node. What an object gives back is
// either plain data or another object, which is then called by its number.

export type KitAnswer =
  | {
      readonly ok: true;
      readonly value?: unknown;
      /** The number of an object, with those of its fields that are plain data. */
      readonly made?: { readonly object: number; readonly fields: Readonly<Record<string, unknown>> };
      /** Of a spool, which tells it at once. */
      readonly extents?: ReturnType<typeof extentsOf>;
    }
  | { readonly ok: false; readonly name: string; readonly message: string; readonly class?: string };

type Called = Record<string, (...given: readonly unknown[]) => unknown>;

const neverAborted = new AbortController().signal;
const objects = new Map<number, object>([
  [0, { openFiles, openState, openSpool, start, damage, unpack, crypto: () => webCrypto }],
]);

async function openFiles(name: string, quotaBytes: number) {
  const freeBytes = async () => quotaBytes;
  return indexedFileStore({ database: await openDeviceDatabase(name), crypto: webCrypto, freeBytes });
}

async function openState(name: string) {
  return await openIndexedStateStore({ database: await openDeviceDatabase(name), crypto: webCrypto, log: console });
}

async function openSpool(name: string, wasLost: boolean) {
  return await openIndexedSpool({ database: await openDeviceDatabase(name), random: browserRandom, wasLost });
}

/** A worker for a model that lies in no store. */
async function start(model: LoadableModel, content: Uint8Array, maxMemoryBytes: number) {
  const runtime = onnxRuntimeInWorker({
    version: "test",
    maxMemoryBytes,
    files: { read: async () => content },
    startWorker: () =>
      new Worker(new URL("../../../edge-agent/adapters/browser/inference-worker.ts", import.meta.url), {
        type: "module",
      }),
  });
  return await runtime.start(model, neverAborted);
}

/** The pieces in which a packed stream comes out, `most` of them. */
async function unpack(packed: readonly Uint8Array[], most: number) {
  const pieces: Uint8Array[] = [];
  const source = async function* () {
    yield* packed;
  };
  for await (const piece of brotliDecompress(source())) {
    pieces.push(piece);
    if (pieces.length === most) break;
  }
  return pieces;
}

/** What a disk that forgets does: puts something else, or nothing, into the place of one value. */
async function damage(name: string, store: "values" | "records" | "pieces", key: IDBValidKey, value: unknown) {
  using database = await openDeviceDatabase(name);
  await database.write([store], async (transaction) => {
    if (value === undefined) transaction.objectStore(store).delete(key);
    else transaction.objectStore(store).put(value, key);
  });
}

/** A field that is a promise is waited for. */
async function call(object: number, method: string, given: readonly unknown[]): Promise<KitAnswer> {
  const called = objects.get(object) as Called;
  try {
    const field: unknown = method === "dispose" ? called[Symbol.asyncDispose as unknown as string] : called[method];
    const value: unknown =
      typeof field === "function"
        ? await (field as Called[string]).apply(called, [...withSignal(method, given)])
        : await field;
    const extents = isSpool(called) ? extentsOf(called) : undefined;
    return { ok: true, ...(isObject(value) ? { made: kept(value) } : { value }), ...(extents && { extents }) };
  } catch (error) {
    const { name, message } = error as Error;
    const { class: errorClass } = error as { readonly class?: string };
    return { ok: false, name, message, ...(errorClass !== undefined && { class: errorClass }) };
  }
}

function withSignal(method: string, given: readonly unknown[]): readonly unknown[] {
  return method === "infer" ? [...given, neverAborted] : given;
}

function kept(value: object) {
  const object = objects.size;
  objects.set(object, value);
  const plain = Object.entries(value).filter(([, field]) => !isObject(field) && typeof field !== "function");
  return { object, fields: { ...Object.fromEntries(plain), ...(isSpool(value) && { extents: extentsOf(value) }) } };
}

/** Something to call: it has a function, or is of a class. */
function isObject(value: unknown): value is object {
  if (typeof value !== "object" || value === null || ArrayBuffer.isView(value) || Array.isArray(value)) return false;
  return (
    Object.getPrototypeOf(value) !== Object.prototype ||
    Object.values(value).some((field) => typeof field === "function")
  );
}

function isSpool(value: object): value is Spool {
  return "extent" in value;
}

function extentsOf(spool: Spool) {
  return Object.fromEntries(
    lanes.map((lane: Lane) => [lane, { extent: spool.extent(lane), heldCount: spool.heldCount(lane) }]),
  );
}

Object.assign(globalThis, { kitCall: call });
