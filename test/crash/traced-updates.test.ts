import { describe, expect, it } from "vitest";
import { minutes } from "../../proto/units.ts";
import { built } from "../support/built-programs.ts";
import { whyNoStrace } from "./system-calls.ts";
import type { TracedUpdatesOptions } from "./traced-updates.ts";
import { traceUpdates } from "./traced-updates.ts";

const preload = built(new URL("../support/children/names-before-content.ts", import.meta.url));
/** A sample, of what the downloads write; `npm run crash -- update` goes through all calls. */
const sample: TracedUpdatesOptions = {
  every: 8,
  // The first is the state's.
  only: ({ call, action, number }) => call === "pwrite64" && action === "signal=KILL" && number > 1,
  tell: () => undefined,
  signal: new AbortController().signal,
};

/** Some fifteen seconds on two cores of its own: strace slows every start down, and other work on the machine slows strace down. */
const timeout = minutes(3);
const reason = whyNoStrace();

describe.skipIf(reason !== undefined)(`a real agent that is killed at a write of an update${reason ?? ""}`, () => {
  it(
    "has a model at once, and comes to the end; one that names a file before its content is found out",
    { timeout },
    async () => {
      const [sound, spoilt] = await traceUpdates({ ...sample, most: 1 }, { ...sample, preload, enough: 1 });
      expect(sound).toEqual({ injected: 1, notHit: 0, broken: [] });
      expect(spoilt.broken).toContainEqual(expect.stringMatching(/the file sha256:.* on this device is damaged/));
    },
  );
});
