import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { whyNoStrace } from "./system-calls.ts";
import type { TracedUpdatesOptions } from "./traced-updates.ts";
import { traceUpdates } from "./traced-updates.ts";

const preload = fileURLToPath(new URL("../support/children/names-before-content.ts", import.meta.url));
/** A sample, of what the downloads write; `npm run crash -- update` goes through all calls. */
const sample: TracedUpdatesOptions = {
  every: 8,
  enough: 1,
  only: ({ call, action }) => call === "pwrite64" && action === "signal=KILL",
  tell: () => undefined,
  signal: new AbortController().signal,
};

const reason = whyNoStrace();

describe.skipIf(reason !== undefined)(`a real agent that is killed at a write of an update${reason ?? ""}`, () => {
  it("has a model at once, and comes to the end of the update", async () => {
    const { injected, broken } = await traceUpdates({ ...sample, most: 1 });
    expect(broken).toEqual([]);
    expect(injected).toBeGreaterThan(0);
  });

  it("is found out where a file has its name before its content", async () => {
    const { broken } = await traceUpdates({ ...sample, preload });
    expect(broken).toContainEqual(expect.stringMatching(/the file sha256:.* on this device is damaged/));
  });
});
