import type { Architecture } from "./elf-machine.ts";

/** What the bundled agent still imports of npm: they load files that lie beside them. */
export const externalPackages = ["onnxruntime-node", "onnxruntime-web"] as const;

/** Dependencies that only an installation by npm uses, or that the package carries in its own files. */
const installOnly: Readonly<Record<string, readonly string[]>> = {
  "onnxruntime-node": ["adm-zip", "global-agent"],
  "onnxruntime-web": ["flatbuffers", "guid-typescript", "long", "platform", "protobufjs"],
};

/** Directories of packages that Node never loads: sources, scripts. */
const unusedDirectories: Readonly<Record<string, readonly string[]>> = {
  "onnxruntime-common": ["lib"],
  "onnxruntime-node": ["lib", "script"],
};

const neverLoaded = /^(?:\.[^/]+|tests?|docs?|examples?|benchmarks?|bench|fuzz)(?:\/|\.js$|$)/;
const loaded = /\.(?:js|cjs|mjs|json|node|wasm)$|\.so(?:\.\d+)*$/;
/** The build for Node, of a dozen for browsers. */
const wasmRuntimeFiles = /^package\.json$|^dist\/(?:ort\.node\.min\.m?js|ort-wasm-simd-threaded\.(?:mjs|wasm))$/;
const licence = /^(?:licen[cs]e|copying|notice)(?:\.\w+)?$/i;

/** Whether a dependency is used when the agent runs. */
export function isRunDependency(name: string, dependency: string): boolean {
  return !(installOnly[name] ?? []).includes(dependency) && !dependency.startsWith("@types/");
}

/** Whether a file of an npm package, by its path there, goes into the .deb: what Node can load, and every licence. */
export function isNeeded(name: string, path: string, architecture: Architecture): boolean {
  if (licence.test(path.split("/").at(-1) ?? "")) return true;
  if (neverLoaded.test(path) || !loaded.test(path)) return false;
  if ((unusedDirectories[name] ?? []).some((directory) => path.startsWith(`${directory}/`))) return false;
  if (name === "onnxruntime-web") return wasmRuntimeFiles.test(path);
  const platform = /^bin\/napi-v\d+\/([^/]+)\/([^/]+)\//.exec(path);
  if (name !== "onnxruntime-node" || platform === null) return true;
  const wanted = architecture === "amd64" ? "x64" : "arm64";
  return platform[1] === "linux" && platform[2] === wanted && !/providers|cuda|tensorrt/.test(path);
}
