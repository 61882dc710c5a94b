import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { LaunchOptions } from "playwright-core";

export class NoBrowserError extends Error {
  override readonly name = "NoBrowserError";
}

const flags = [
  "--disable-gpu",
  "--disable-dev-shm-usage",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  "--no-first-run",
  // Chromium's own sandbox does not start for root.
  ...(process.getuid?.() === 0 ? ["--no-sandbox"] : []),
];

const systemPlaces = [
  "/usr/bin/chromium-headless-shell",
  "/usr/bin/chromium",
  "/usr/bin/google-chrome-stable",
  "/opt/google/chrome/chrome",
];

/** Its own, with the version: the package takes whatever lies in its folder, of any version and any user. */
const cache = fileURLToPath(new URL("../../node_modules/.cache/sedge-chromium-147", import.meta.url));

/**
 * A Chromium for the tests: the one that CHROME_PATH names, then the system's, then the one in an npm package (Linux on x64), then an
 * installed Chrome elsewhere. Rejects with NoBrowserError, which says what to install: a missing browser is a failure.
 */
export async function findBrowser(): Promise<LaunchOptions> {
  const own = process.env["CHROME_PATH"];
  if (own !== undefined && own !== "") return { executablePath: own, args: flags };
  if (process.platform !== "linux") return { channel: "chrome", args: flags };
  const installed = systemPlaces.find((path) => existsSync(path) && answers(path));
  if (installed !== undefined) return { executablePath: installed, args: flags };
  const packed = process.arch === "x64" ? await packedBrowser() : undefined;
  if (packed !== undefined) return packed;
  throw new NoBrowserError(
    "these tests need a Chromium. Debian: apt-get install -y --no-install-recommends chromium-headless-shell. " +
      "Ubuntu: install Google Chrome. Elsewhere, name one with CHROME_PATH.",
  );
}

/** Undefined where the optional package is not installed, or its browser does not run here. */
async function packedBrowser(): Promise<LaunchOptions | undefined> {
  mkdirSync(cache, { recursive: true });
  const { default: chromium } = await import("@sparticuz/chromium").catch(() => ({ default: undefined }));
  if (chromium === undefined) return undefined;
  // With the second it unpacks the libraries too that a bare system lacks.
  const executablePath = await withEnvironment({ TMPDIR: cache, AWS_LAMBDA_JS_RUNTIME: "nodejs20.x" }, () =>
    chromium.executablePath(),
  );
  // Its own flags run everything in one process, which dies when a second page opens: ours instead.
  const fonts = { FONTCONFIG_FILE: packedFonts() };
  const libraries = { ...fonts, LD_LIBRARY_PATH: join(cache, "al2023/lib") };
  for (const environment of [fonts, libraries])
    if (answers(executablePath, environment)) return { executablePath, args: flags, env: environmentWith(environment) };
  return undefined;
}

/** The fonts that the package brings: without any the browser dies at the first text, and the package's own file looks elsewhere. */
function packedFonts(): string {
  const file = join(cache, "own-fonts.conf");
  const folders = `<dir>${join(cache, "fonts")}</dir><cachedir>${join(cache, "fonts-cache")}</cachedir>`;
  writeFileSync(file, `<?xml version="1.0"?>\n<fontconfig>${folders}</fontconfig>\n`);
  return file;
}

function answers(path: string, environment: Readonly<Record<string, string>> = {}): boolean {
  return spawnSync(path, ["--version"], { env: { ...process.env, ...environment }, timeout: 20_000 }).status === 0;
}

function environmentWith(more: Readonly<Record<string, string>>): Record<string, string> {
  const given = Object.entries({ ...process.env, ...more });
  return Object.fromEntries(given.flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])));
}

/** Puts the variables back as they were: what the package sets for itself must not reach other programs. */
async function withEnvironment<T>(variables: Readonly<Record<string, string>>, work: () => Promise<T>): Promise<T> {
  const before = { ...process.env };
  Object.assign(process.env, variables);
  try {
    return await work();
  } finally {
    for (const name of Object.keys(process.env)) if (!(name in before)) delete process.env[name];
    Object.assign(process.env, before);
  }
}
