import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import { defineConfig } from "vite";

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));
const { version: agentVersion } = JSON.parse(readFileSync(here("../../package.json"), "utf8")) as { version: string };
const runtimeFile = createRequire(import.meta.url).resolve("onnxruntime-web/ort-wasm-simd-threaded.wasm");
const { version: runtimeVersion } = JSON.parse(
  readFileSync(new URL("../package.json", `file://${runtimeFile}`), "utf8"),
) as { version: string };

/** The page of a device, and `agent.js`, the library for pages of applications. Every other file is named after its content. */
export default defineConfig({
  root: here("."),
  // Relative: the files work wherever they are put.
  base: "./",
  define: { buildFacts: JSON.stringify({ agentVersion, runtimeVersion }) },
  build: {
    outDir: here("../../dist/device-page"),
    emptyOutDir: true,
    target: "es2022",
    // The WebAssembly file stays a file, which the browser compiles while it arrives.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rolldownOptions: {
      input: { index: here("index.html"), agent: here("start-agent.ts") },
      preserveEntrySignatures: "strict",
      output: { entryFileNames: (chunk) => (chunk.name === "agent" ? "agent.js" : "assets/[name]-[hash].js") },
    },
  },
  worker: { format: "es" },
});
