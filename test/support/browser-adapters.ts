import { randomUUID } from "node:crypto";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Page } from "playwright-core";
import { chromium } from "playwright-core";
import { build } from "vite";
import type {
  Crypto,
  FileStore,
  InferenceWorker,
  LoadableModel,
  PartialFile,
  Spool,
  StateStore,
} from "../../edge-agent/core/ports.ts";
import {
  DigestMismatchError,
  FileMissingError,
  InferenceError,
  ModelLoadError,
  NoSpaceError,
  UnfitKeyError,
} from "../../edge-agent/core/ports.ts";
import type { InferenceErrorClass } from "../../edge-agent/core/ports.ts";
import type { Lane } from "../../proto/telemetry-messages.ts";
import { mebibytes } from "../../proto/units.ts";
import type { KitAnswer } from "./browser-kit/kit.ts";
import type { TestControlPlane } from "./control-plane.ts";
import { startTestControlPlane } from "./control-plane.ts";
import { findBrowser } from "./find-browser.ts";
import { temporaryDirectory } from "./temporary-directory.ts";

/** The adapters for browsers, in a real one, behind the ports that they implement there. */
export interface BrowserAdapters extends AsyncDisposable {
  files(name?: string): Promise<FileStore>;
  state(name: string): Promise<StateStore>;
  spool(name: string, wasLost?: boolean): Promise<Spool>;
  start(model: LoadableModel, content: Uint8Array, maxMemoryBytes?: number): Promise<InferenceWorker>;
  crypto(): Promise<Crypto>;
  /** The first pieces that a packed stream unpacks to. */
  unpack(packed: readonly Uint8Array[], most?: number): Promise<readonly Uint8Array[]>;
  /** What the browser gives its pages altogether; undefined: what it would give of itself. */
  limitStorage(bytes: number | undefined): Promise<void>;
  storedBytes(): Promise<number>;
  damage(name: string, store: "values" | "records" | "pieces", key: unknown, value?: unknown): Promise<void>;
}

type Call = (
  object: number,
  method: string,
  ...given: readonly unknown[]
) => Promise<KitAnswer & { readonly ok: true }>;

const errors: Readonly<Record<string, new (message: string) => Error>> = {
  DigestMismatchError,
  FileMissingError,
  NoSpaceError,
  ModelLoadError,
  UnfitKeyError,
};

export function newName(): string {
  return `test-${randomUUID()}`;
}

/** They are served by a control plane, so that they run under the policy of the real page. */
export async function startBrowserAdapters(): Promise<BrowserAdapters> {
  const directory = await temporaryDirectory();
  const folder = join(directory.path, "kit");
  await build({
    configFile: false,
    root: fileURLToPath(new URL("./browser-kit/", import.meta.url)),
    base: "./",
    build: {
      outDir: folder,
      emptyOutDir: true,
      target: "es2022",
      assetsInlineLimit: 0,
      modulePreload: { polyfill: false },
    },
    worker: { format: "es" },
    logLevel: "warn",
  });
  const plane = await startTestControlPlane({ "http.devicePage": folder });
  const browser = await chromium.launch({ ...(await findBrowser()), headless: true });
  const page = await browser.newPage({ locale: "en-US" });
  const call = await openKit(page, plane);
  const tools = await page.context().newCDPSession(page);
  const { url: origin } = plane;
  const madeBy = async (object: number, method: string, ...given: readonly unknown[]) => {
    const { made } = await call(object, method, ...given);
    if (made === undefined) throw new Error(`${method} made nothing`);
    return made;
  };
  return {
    files: async (name = newName()) =>
      remoteFiles(call, madeBy, (await madeBy(0, "openFiles", name, mebibytes(64))).object),
    state: async (name) => {
      const { object } = await madeBy(0, "openState", name);
      return {
        load: async () => (await call(object, "load")).value as Awaited<ReturnType<StateStore["load"]>>,
        save: async (state) => void (await call(object, "save", state)),
      };
    },
    spool: async (name, wasLost = false) => remoteSpool(call, await madeBy(0, "openSpool", name, wasLost)),
    async start(model, content, maxMemoryBytes = mebibytes(1_024)) {
      const { object } = await madeBy(0, "start", model, content, maxMemoryBytes);
      return {
        infer: async (inputs) =>
          (await call(object, "infer", inputs)).value as Awaited<ReturnType<InferenceWorker["infer"]>>,
        stopped: call(object, "stopped").then(({ value }) => String(value)),
        memoryBytes: async () => Number((await call(object, "memoryBytes")).value),
        async [Symbol.asyncDispose]() {
          await call(object, "end", "the test is over");
        },
      };
    },
    async crypto() {
      const { object } = await madeBy(0, "crypto");
      return {
        digest: async (bytes) => (await call(object, "digest", bytes)).value as Awaited<ReturnType<Crypto["digest"]>>,
        verify: async (...given) => (await call(object, "verify", ...given)).value as boolean,
        seal: async (...given) => (await call(object, "seal", ...given)).value as Awaited<ReturnType<Crypto["seal"]>>,
      };
    },
    unpack: async (packed, most = Number.POSITIVE_INFINITY) => {
      const plain = packed.map((piece) => new Uint8Array(piece));
      return (await call(0, "unpack", plain, most)).value as readonly Uint8Array[];
    },
    limitStorage: async (quotaSize) =>
      void (await tools.send("Storage.overrideQuotaForOrigin", {
        origin,
        ...(quotaSize !== undefined && { quotaSize }),
      })),
    storedBytes: async () => (await tools.send("Storage.getUsageAndQuota", { origin })).usage,
    damage: async (...given) => void (await call(0, "damage", ...given)),
    async [Symbol.asyncDispose]() {
      await browser.close();
      await plane[Symbol.asyncDispose]();
      await directory[Symbol.asyncDispose]();
    },
  };
}

declare const kitCall: (object: number, method: string, given: readonly unknown[]) => Promise<KitAnswer>;

async function openKit(page: Page, plane: TestControlPlane): Promise<Call> {
  await page.goto(`${plane.url}/device/`);
  await page.waitForFunction(() => "kitCall" in globalThis);
  return async (object, method, ...given) => {
    // A Buffer would travel as something else.
    const plain = given.map((one) => (one instanceof Uint8Array ? new Uint8Array(one) : one));
    const answer = await page.evaluate(([o, m, g]) => kitCall(o, m, g), [object, method, plain] as const);
    if (answer.ok) return answer;
    if (answer.class !== undefined) throw new InferenceError(answer.class as InferenceErrorClass, answer.message);
    throw new (errors[answer.name] ?? Error)(answer.message);
  };
}

type MadeBy = (
  object: number,
  method: string,
  ...given: readonly unknown[]
) => Promise<{ readonly object: number; readonly fields: Readonly<Record<string, unknown>> }>;

function remoteFiles(call: Call, madeBy: MadeBy, object: number): FileStore {
  const value = async <T>(method: string, ...given: readonly unknown[]) =>
    (await call(object, method, ...given)).value as T;
  return {
    bytesOf: (digest) => value("bytesOf", digest),
    has: (digest) => value("has", digest),
    read: (digest) => value("read", digest),
    verify: (digest) => value("verify", digest),
    freeBytes: () => value("freeBytes"),
    list: () => value("list"),
    remove: (digest) => value("remove", digest),
    // Files have no place in a database but their name.
    locate: (digest) => digest,
    async open(digest) {
      const made = await madeBy(object, "open", digest);
      return {
        size: made.fields["size"] as number,
        read: async (offset, length) => (await call(made.object, "read", offset, length)).value as Uint8Array,
        async [Symbol.asyncDispose]() {},
      };
    },
    async receive(digest, size): Promise<PartialFile> {
      const made = await madeBy(object, "receive", digest, size);
      return {
        resumeAt: made.fields["resumeAt"] as number,
        read: async (offset, length) => (await call(made.object, "read", offset, length)).value as Uint8Array,
        overwrite: async (offset, bytes) => void (await call(made.object, "overwrite", offset, bytes)),
        append: async (bytes) => void (await call(made.object, "append", bytes)),
        commit: async () => void (await call(made.object, "commit")),
        async [Symbol.asyncDispose]() {
          await call(made.object, "dispose");
        },
      };
    },
  };
}

function remoteSpool(call: Call, { object, fields }: Awaited<ReturnType<MadeBy>>): Spool {
  type Extents = Readonly<Record<Lane, { readonly extent: ReturnType<Spool["extent"]>; readonly heldCount: number }>>;
  let extents = fields["extents"] as Extents;
  let epoch = fields["epoch"] as string;
  const value = async <T>(method: string, ...given: readonly unknown[]) => {
    const answer = await call(object, method, ...given);
    extents = answer.extents as Extents;
    return answer.value as T;
  };
  return {
    get epoch() {
      return epoch;
    },
    wasReset: fields["wasReset"] as boolean,
    async renew(record) {
      await value("renew", new Uint8Array(record));
      epoch = await value("epoch");
    },
    append: (lane, record) => value("append", lane, new Uint8Array(record)),
    read: (...given) => value("read", ...given),
    trim: (lane, seq) => value("trim", lane, seq),
    replaceOldest: (lane, through, record) => value("replaceOldest", lane, through, new Uint8Array(record)),
    hold: (lane, record) => value("hold", lane, new Uint8Array(record)),
    held: (lane) => value("held", lane),
    replaceHeld: (lane, records) =>
      value(
        "replaceHeld",
        lane,
        records.map((record) => new Uint8Array(record)),
      ),
    release: (lane) => value("release", lane),
    heldCount: (lane) => extents[lane].heldCount,
    extent: (lane) => extents[lane].extent,
  };
}
