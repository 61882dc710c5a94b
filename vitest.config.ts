import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    // What loads onnxruntime in the test itself: it would send usage data to its maker (firmware-notes/service.md).
    env: { ORT_DISABLE_TELEMETRY: "1" },
    setupFiles: ["test/support/property-seed.ts"],
    // Integration and end-to-end tests start child processes: generous, because the tests assert no time.
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});
