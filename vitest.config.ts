import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    setupFiles: ["test/support/property-seed.ts"],
    // Integration and end-to-end tests start child processes: generous, because the tests assert no time.
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});
