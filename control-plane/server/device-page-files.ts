import { readdir, readFile } from "node:fs/promises";
import { extname, join, relative, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { gzip } from "node:zlib";
import type { DevicePage, PageFile } from "../http/services.ts";

export class DevicePageMissingError extends Error {
  override readonly name = "DevicePageMissingError";
}

const types: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".json": "application/json",
  ".svg": "image/svg+xml",
  // The only type that a browser compiles while the file arrives.
  ".wasm": "application/wasm",
};

/** "page-Ab3_xY9z.js": the build puts eight characters of a hash of the content there. */
const hashedName = /-[A-Za-z0-9_-]{8}\.[a-z]+$/;

const pack = promisify(gzip);

/** Where `npm run build` puts the page: beside the compiled program, or below `dist` of the sources. */
const builtPlaces = ["../../device-page/", "../../dist/device-page/"].map((place) =>
  fileURLToPath(new URL(place, import.meta.url)),
);

/**
 * The built files in a folder; "built" names the folder of the build. Only what is there at the start is served, and only types that
 * a page is made of. @throws DevicePageMissingError when there is no page
 */
export async function openDevicePage(folder: string): Promise<DevicePage> {
  for (const place of folder === "built" ? builtPlaces : [folder]) {
    const files = await filesIn(place);
    if (files.has("index.html")) return { file: async (path) => await files.get(path)?.() };
  }
  throw new DevicePageMissingError(
    folder === "built"
      ? "the device page is not built: run `npm run build`, or start without --device-page"
      : `${folder} holds no index.html: name the folder of the built device page`,
  );
}

async function filesIn(folder: string): Promise<Map<string, () => Promise<PageFile>>> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  return new Map(
    entries.flatMap((entry) => {
      const type = types[extname(entry.name)];
      if (!entry.isFile() || type === undefined) return [];
      const path = join(entry.parentPath, entry.name);
      return [[relative(folder, path).replaceAll(sep, "/"), readOnce(path, type)] as const];
    }),
  );
}

/** Read when it is first asked for, and packed when it is first asked for so; then kept. */
function readOnce(path: string, type: string): () => Promise<PageFile> {
  let read: Promise<PageFile> | undefined;
  return () => {
    read ??= readFile(path).then((content): PageFile => {
      let gzipped: Promise<Uint8Array<ArrayBuffer>> | undefined;
      const packed = async () => new Uint8Array(await pack(content));
      return {
        content: new Uint8Array(content),
        type,
        isForEver: hashedName.test(path),
        gzipped: () => (gzipped ??= packed()),
      };
    });
    return read;
  };
}
