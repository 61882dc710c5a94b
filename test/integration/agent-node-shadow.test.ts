import { readdir, readFile } from "node:fs/promises";
import { constants, getPriority } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { nothingCompared, sumOfAgreements } from "../../proto/sketch/agreement.ts";
import type { Agreement, Window } from "../../proto/telemetry-messages.ts";
import { digitsDirectory } from "../fixtures/read-digits.ts";
import type { OneDeviceControl } from "../support/one-device-control.ts";
import { startOneDeviceControl } from "../support/one-device-control.ts";
import { eventually, SedgeAgent } from "../support/sedge-agent.ts";
import type { TemporaryDirectory } from "../support/temporary-directory.ts";
import { temporaryDirectory } from "../support/temporary-directory.ts";

let control: OneDeviceControl;
let directory: TemporaryDirectory;
beforeAll(async () => {
  control = await startOneDeviceControl();
  directory = await temporaryDirectory();
});
afterAll(async () => {
  await control[Symbol.asyncDispose]();
  await directory[Symbol.asyncDispose]();
});

const camera = {
  kind: "generator",
  model: "digits",
  file: fileURLToPath(new URL("held-out-images.npy", digitsDirectory)),
  ratePerSecond: 20,
};

function windows(): readonly Window[] {
  const records = control.heard.flatMap((message) => (message.kind === "telemetry" ? message.records : []));
  return records.flatMap(({ body }) => (body.kind === "window" ? [body] : []));
}

const counted = (): Agreement =>
  windows()
    .flatMap(({ shadow }) => shadow ?? [])
    .reduce(sumOfAgreements, nothingCompared());

/** Of the inference processes that the agent has started, in ascending order. */
async function prioritiesOfModels(agent: number): Promise<readonly number[]> {
  const found: number[] = [];
  for (const name of (await readdir("/proc")).filter((entry) => /^\d+$/.test(entry))) {
    const status = await readFile(`/proc/${name}/status`, "latin1").catch(() => "");
    const command = await readFile(`/proc/${name}/cmdline`, "latin1").catch(() => "");
    if (command.includes("inference-child") && new RegExp(`^PPid:\\s+${agent}$`, "m").test(status))
      found.push(getPriority(Number(name)));
  }
  return found.toSorted((a, b) => a - b);
}

describe("a real agent whose next version is wanted in shadow", () => {
  it("serves the active one, counts what differs, comes back to shadow after SIGKILL, and goes on to the trial", async () => {
    const agent = new SedgeAgent(join(directory.path, "device"));
    await agent.enrol(control);
    await using first = await agent.daemon([camera]);
    await agent.serving("1");
    const [birth] = control.heard.filter((message) => message.kind === "birth");
    expect(birth?.profile.abilities).toEqual(["shadow"]);

    const next = await control.assign("digits-2.yaml");
    await control.assignShaded(next, 1);
    const inShadow = () =>
      eventually("the agent says that its candidate is in shadow, and has compared", async () => {
        const [model] = (await agent.status()).models;
        return model?.phase === "shadow" && (model.running.shadow?.counts.compared ?? 0) > 20 ? model : undefined;
      });
    expect(await inShadow()).toMatchObject({ active: "1", candidate: "2", serving: { version: "1" } });
    expect(control.reported()?.models[0]).toMatchObject({ phase: "shadow", candidate: { version: "2" } });
    await eventually("windows of the shadow arrive", async () => (counted().compared > 20 ? true : undefined));
    const { compared, disagreed, failed, distance, activeWorkMs, candidateWorkMs } = counted();
    expect(distance.reduce((sum, count) => sum + count, 0)).toBe(compared);
    // Another training of the same network reads most digits alike.
    expect(disagreed).toBeLessThan(compared / 4);
    expect({ failed, hasWorked: activeWorkMs > 0 && candidateWorkMs > 0 }).toEqual({ failed: 0, hasWorked: true });
    // It gets what the others leave of the processor.
    expect(await prioritiesOfModels(first.process.pid ?? 0)).toEqual([
      getPriority(),
      constants.priority.PRIORITY_BELOW_NORMAL,
    ]);
    const text = await agent.run("status");
    expect(text.output).toMatch(/update: +2 in shadow: \d+ compared, \d+ disagree/);

    first.process.kill("SIGKILL");
    await first.exit;
    await using again = await agent.daemon([camera]);
    expect(await inShadow()).toMatchObject({ active: "1", candidate: "2" });
    expect(again.process.exitCode).toBeNull();

    await control.assignShaded(next);
    await agent.serving("2");
    const events = await eventually("the end of the update is told", async () => {
      const told = control.heard
        .flatMap((message) => (message.kind === "telemetry" ? message.records : []))
        .flatMap(({ body }) => (body.kind === "event" && body.version === "2" ? [body.name] : []));
      return told.includes("update-confirmed") ? told : undefined;
    });
    expect(events.filter((name) => name === "shadow-started").length).toBeGreaterThanOrEqual(2);
    expect(events.filter((name) => /^(trial-started|update-confirmed)$/.test(name))).toEqual([
      "trial-started",
      "update-confirmed",
    ]);
  });
});
