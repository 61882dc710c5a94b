import { describe, expect, it } from "vitest";
import { VirtualClock } from "../../../../edge-agent/adapters/memory/virtual-clock.ts";
import { BlockRelay } from "../../../../edge-agent/core/block-relay.ts";
import type { Connection } from "../../../../edge-agent/core/ports.ts";
import { NoDeltaAnswerError, relayedDeltaSource } from "../../../../edge-agent/core/relayed-delta-source.ts";
import type { DeltaAnswer, DeltaOffer, DeviceMessage } from "../../../../proto/messages.ts";
import { digestOf } from "../../../support/messages.ts";

const [base, target, other] = [digestOf(1), digestOf(2), digestOf(3)];
const ready: DeltaAnswer = { kind: "ready", file: { digest: digestOf(4), size: 1_000 } };
const offer = (answer: DeltaAnswer, about: Partial<DeltaOffer> = {}): DeltaOffer => ({
  kind: "delta-offer",
  base,
  target,
  answer,
  ...about,
});

/** A connection on which the control plane answers each question with what `answers` has for it. */
function ask(answers: (question: number) => readonly DeltaOffer[], signal = new AbortController().signal) {
  const clock = new VirtualClock();
  const relay = new BlockRelay();
  const asked: DeviceMessage[] = [];
  const publish = async (message: DeviceMessage) => {
    asked.push(message);
    for (const one of answers(asked.length)) relay.deliver(one);
  };
  const connection: Pick<Connection, "publish"> = { publish };
  relay.attach(connection as Connection, signal);
  const answer = relayedDeltaSource(relay, clock).find(base, target, signal);
  answer.catch(() => undefined);
  return { answer, asked, clock };
}

describe("a question for a delta over MQTT", () => {
  it("names both files, and takes the answer", async () => {
    const { answer, asked } = ask(() => [offer(ready)]);
    expect(await answer).toEqual(ready);
    expect(asked).toEqual([{ kind: "delta-request", base, target }]);
  });

  it("passes by answers to other questions", async () => {
    const { answer } = ask(() => [
      offer({ kind: "none" }, { target: other }),
      offer({ kind: "none" }, { base: other }),
      offer(ready),
    ]);
    expect(await answer).toEqual(ready);
  });

  it("is asked again where it got lost, three times in all", async () => {
    const late = ask((question) => (question === 3 ? [offer(ready)] : []));
    await late.clock.advance(60_000);
    expect(await late.answer).toEqual(ready);
    const never = ask(() => []);
    await never.clock.advance(60_000);
    await expect(never.answer).rejects.toThrow(NoDeltaAnswerError);
    expect(never.asked.length).toBe(3);
  });

  it.each([
    [0, 1_000],
    [2_000, 2_000],
    [1e12, 60_000],
  ])("waits for one that is being made neither all the time nor for ever: %d ms are %d", async (said, kept) => {
    const { answer } = ask(() => [offer({ kind: "being-made", retryAfterMs: said })]);
    expect(await answer).toEqual({ kind: "being-made", retryAfterMs: kept });
  });

  it("ends with the signal's reason", async () => {
    const stop = new AbortController();
    const { answer } = ask(() => [], stop.signal);
    stop.abort(new Error("stopping"));
    await expect(answer).rejects.toThrow("stopping");
  });
});
