import { access } from "node:fs/promises";
import { join } from "node:path";
import { build } from "vite";
import type { LicensedPart } from "./copyright-text.ts";
import { externalPackages } from "./needed-files.ts";

/** The programs of the bundle by their names, as they lie below dist/. The second is started by the first, which looks beside itself. */
const programs = {
  main: "edge-agent/daemon/main.js",
  "inference-child": "edge-agent/adapters/node/inference-child.js",
} as const;

export interface BundledAgent {
  /** By name; they lie together in one directory. */
  readonly files: readonly { readonly name: string; readonly content: string }[];
  /** The npm packages of which code is in the files. */
  readonly parts: readonly LicensedPart[];
}

export class NotBuiltError extends Error {
  override readonly name = "NotBuiltError";
}

/**
 * The compiled agent of the project at `project` with the npm packages that it imports, in a few files: Node finds, reads and links
 * a thousand otherwise, which is a quarter of the processor time of a start. What is imported when a command runs stays a
 * file of its own. Names and lines are kept: the stack of an error on a device can be read without a source map.
 */
export async function bundleAgent(project: string): Promise<BundledAgent> {
  const dist = join(project, "dist");
  for (const needed of [...Object.values(programs), "proto/generated/sedge.js"])
    await access(join(dist, needed)).catch((cause: unknown) => {
      throw new NotBuiltError(`${join(dist, needed)} is missing: run \`npm run build\` first`, { cause });
    });
  const licences = "licences.json";
  const built = await build({
    configFile: false,
    root: project,
    logLevel: "warn",
    publicDir: false,
    ssr: { target: "node", noExternal: true, external: [...externalPackages] },
    build: {
      ssr: true,
      write: false,
      target: "node20.19",
      minify: false,
      license: { fileName: licences },
      rolldownOptions: {
        input: Object.fromEntries(Object.entries(programs).map(([name, path]) => [name, join(dist, path)])),
        output: {
          format: "es",
          entryFileNames: "[name].js",
          chunkFileNames: "[name].js",
          comments: { legal: true, annotation: true, jsdoc: false },
        },
      },
    },
  });
  // Watching would give another kind of answer, and several forms of output several.
  if (!("output" in built)) throw new Error("the bundler gave something else than one set of files");
  const files = built.output.flatMap((file) =>
    file.type === "chunk" ? [{ name: file.fileName, content: file.code }] : [],
  );
  const listed = built.output.find(({ fileName }) => fileName === licences);
  if (listed?.type !== "asset") throw new Error("the bundler did not list the licences of what it bundled");
  const parts = JSON.parse(String(listed.source)) as readonly LicensedPart[];
  return { files, parts };
}
