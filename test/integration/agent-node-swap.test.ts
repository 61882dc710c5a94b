import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { connect } from "../../edge-agent/client/agent-client.ts";
import { mebibytes } from "../../proto/units.ts";
import { startOneDeviceControl } from "../support/one-device-control.ts";
import { SedgeAgent } from "../support/sedge-agent.ts";
import { temporaryDirectory } from "../support/temporary-directory.ts";

const image = { image: { data: new Float32Array(784).fill(0.3), dims: [1, 1, 28, 28] } };

describe("a swap of the model under load", () => {
  it("loses no request, forwards and back, and each caller sees every version change once", async () => {
    await using control = await startOneDeviceControl();
    await using directory = await temporaryDirectory();
    const agent = new SedgeAgent(join(directory.path, "device"));
    await agent.enrol(control);
    await using _daemon = await agent.daemon();
    await agent.serving("1");

    const callers = Array.from({ length: 3 }, () => new Caller());
    using client = connect({ url: await agent.address(), maxConnections: callers.length });
    const stop = new AbortController();
    const ends = callers.map((caller) => caller.ask(client, stop.signal));

    const versions = ["1"];
    const swapTo = async (version: string, assign: () => Promise<unknown>) => {
      await assign();
      await agent.serving(version);
      versions.push(version);
      // Each caller has met it before the next one comes.
      await Promise.all(callers.map((caller) => caller.nextAnswer()));
    };
    let second: Awaited<ReturnType<typeof control.assign>> | undefined;
    // By way of fetching, preflight and trial.
    await swapTo("2", async () => (second = await control.assign("digits-2.yaml")));
    // The one that was active before waits on the device: back and forth without a trial.
    for (let times = 0; times < 3; times++) {
      await swapTo("1", () => control.assignAgain(control.digits));
      await swapTo("2", () => control.assignAgain(second as NonNullable<typeof second>));
    }
    await swapTo("3", () => control.assign("digits-3.yaml"));
    expect(await agent.run("rollback", "digits")).toMatchObject({ code: 0 });
    await agent.serving("2");
    versions.push("2");
    await Promise.all(callers.map((caller) => caller.nextAnswer()));

    stop.abort();
    await Promise.all(ends);
    for (const { failures, seen, answers } of callers) {
      expect(failures).toEqual([]);
      expect(seen).toEqual(versions);
      expect(answers).toBeGreaterThan(versions.length);
    }
  });
});

describe("a swap where both versions do not fit into the memory", () => {
  it("tries the new one while the old one rests, and requests wait for it", async () => {
    await using control = await startOneDeviceControl();
    await using directory = await temporaryDirectory();
    const agent = new SedgeAgent(join(directory.path, "device"));
    await agent.enrol(control);
    await using daemon = await agent.daemon([], { SEDGE_AGENT_RUNTIME_MEMORY_BUDGET: String(mebibytes(140)) });
    await agent.serving("1");
    using client = connect({ url: await agent.address() });
    const caller = new Caller();
    const stop = new AbortController();
    const end = caller.ask(client, stop.signal);

    await control.assign("digits-2.yaml");
    await agent.serving("2");
    await caller.nextAnswer();
    expect(await agent.run("rollback", "digits")).toMatchObject({ code: 0 });
    await caller.nextAnswer();
    stop.abort();
    await end;

    expect(caller.failures).toEqual([]);
    expect(caller.seen).toEqual(["1", "2", "1"]);
    expect(daemon.log()).toContain("a model rests while others need the memory: another version of it is tried");
    const { memory } = await agent.status();
    expect(memory.budgetBytes).toBe(mebibytes(140));
    expect(memory.usedBytes).toBeGreaterThan(mebibytes(10));
    expect(memory.usedBytes).toBeLessThan(memory.budgetBytes);
  });
});

/** Asks for one inference after the other, with pauses that leave the machine some of its processor. */
class Caller {
  /** The versions that answered; each as often as it began to. */
  readonly seen: string[] = [];
  readonly failures: string[] = [];
  answers = 0;
  #onAnswer: (() => void) | undefined;

  async ask(client: ReturnType<typeof connect>, signal: AbortSignal): Promise<void> {
    const model = client.model("digits");
    while (!signal.aborted) {
      try {
        const { version } = await model.infer(image);
        this.answers++;
        if (this.seen.at(-1) !== version) this.seen.push(version);
      } catch (error) {
        this.failures.push(String(error));
      }
      this.#onAnswer?.();
      await delay(3);
    }
  }

  /** Of a request that begins from now on. */
  async nextAnswer(): Promise<void> {
    for (let answers = 0; answers < 2; answers++)
      await new Promise<void>((resolve) => {
        this.#onAnswer = resolve;
      });
  }
}
