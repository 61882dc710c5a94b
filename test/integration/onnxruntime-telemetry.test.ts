import { readdir } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { onnxRuntimeInChild } from "../../edge-agent/adapters/node/onnxruntime-child.ts";
import { minutes } from "../../proto/units.ts";
import { digitsDirectory } from "../fixtures/read-digits.ts";
import { aModel, digestOf } from "../support/messages.ts";
import type { TemporaryDirectory } from "../support/temporary-directory.ts";
import { temporaryDirectory } from "../support/temporary-directory.ts";

const location = fileURLToPath(new URL("digits-1.onnx", digitsDirectory));
const signal = new AbortController().signal;

/** onnxruntime keeps an id of the machine and a database of events in the cache directory while its telemetry is on. */
describe("onnxruntime's own telemetry is off", () => {
  let home: TemporaryDirectory;
  beforeEach(async () => {
    home = await temporaryDirectory();
    vi.stubEnv("HOME", home.path);
    vi.stubEnv("XDG_CACHE_HOME", home.path);
  });
  afterEach(async () => {
    vi.unstubAllEnvs();
    await home[Symbol.asyncDispose]();
  });

  it("in the agent's inference process: it leaves nothing in the home directory", async () => {
    const model = { model: aModel, location, file: digestOf(1), inputs: [], outputs: [], maxInferenceMs: minutes(1) };
    await using _worker = await onnxRuntimeInChild().start(model, signal);
    expect(await readdir(home.path)).toEqual([]);
  });
});
