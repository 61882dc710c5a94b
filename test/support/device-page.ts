import { fileURLToPath } from "node:url";
import { build } from "vite";

/** Builds the device page as `npm run build` does, into a folder of its own. */
export async function buildDevicePage(folder: string): Promise<void> {
  await build({
    configFile: fileURLToPath(new URL("../../edge-agent/browser/vite.config.ts", import.meta.url)),
    build: { outDir: folder },
    logLevel: "warn",
  });
}
