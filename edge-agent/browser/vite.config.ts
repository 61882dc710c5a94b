import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import type { Plugin } from "vite";
import { defineConfig } from "vite";

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));
const { version: agentVersion } = JSON.parse(readFileSync(here("../../package.json"), "utf8")) as { version: string };
const runtimeFile = createRequire(import.meta.url).resolve("onnxruntime-web/ort-wasm-simd-threaded.wasm");
const { version: runtimeVersion } = JSON.parse(
  readFileSync(new URL("../package.json", `file://${runtimeFile}`), "utf8"),
) as { version: string };

/** Programs that others name: these files are asked for again each time. */
const lastingNames = ["agent", "service-worker"];

/** The files that a start without network needs: the pages, and all whose name holds the hash of their content. */
function listOfFiles(): Plugin {
  return {
    name: "list-of-files",
    // Behind the plugin that makes the pages.
    enforce: "post",
    generateBundle(_options, bundle) {
      const files = Object.keys(bundle).filter((file) => file.startsWith("assets/") || file.endsWith(".html"));
      this.emitFile({ type: "asset", fileName: "files.json", source: JSON.stringify(files.toSorted()) });
    },
  };
}

/** The page of a device, an example of an application, and `agent.js`, the library for others. All else is named after its content. */
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
      input: {
        index: here("index.html"),
        draw: here("draw.html"),
        agent: here("start-agent.ts"),
        "service-worker": here("worker/service-worker.ts"),
      },
      preserveEntrySignatures: "strict",
      output: {
        entryFileNames: ({ name }) => (lastingNames.includes(name) ? "[name].js" : "assets/[name]-[hash].js"),
      },
    },
  },
  worker: { format: "es" },
  plugins: [listOfFiles()],
});
