import { availableParallelism } from "node:os";
import { defineConfig } from "vitest/config";
import { LongestFirst } from "./test/support/longest-first.ts";

export default defineConfig({
  test: {
    // Vitest alone would leave one core to itself, and so have one worker on two: but a worker mostly waits for child processes.
    maxWorkers: Math.max(2, availableParallelism() - 1),
    sequence: { sequencer: LongestFirst },
    // What loads onnxruntime in the test itself: it would send usage data to its maker (firmware-notes/service.md).
    env: { ORT_DISABLE_TELEMETRY: "1" },
    setupFiles: ["test/support/property-seed.ts"],
    // Integration and end-to-end tests start child processes, and wait for several things one after the other. They assert no time: what
    // does not come is told by the wait for it (test/support/end-to-end-waiting.ts), long before this.
    testTimeout: 300_000,
    hookTimeout: 300_000,
    // As long as the wait of test/support/end-to-end-waiting.ts: a second, which it would be, is a measurement of a busy machine.
    expect: { poll: { timeout: 90_000 } },
    projects: [
      {
        extends: true,
        test: {
          name: "decisions",
          include: ["test/unit/**/*.test.ts", "test/properties/**/*.test.ts"],
          // Hundreds of small files: loading the same modules again for each of them takes longer than their tests.
          isolate: false,
        },
      },
      {
        extends: true,
        test: {
          name: "processes",
          globalSetup: ["test/support/built-programs.ts"],
          include: ["test/**/*.test.ts"],
          exclude: ["test/unit/**", "test/properties/**"],
        },
      },
    ],
  },
});
