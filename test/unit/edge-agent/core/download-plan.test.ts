import { describe, expect, it } from "vitest";
import type { Stretch } from "../../../../edge-agent/core/download-plan.ts";
import {
  afterBreak,
  afterWrongChunk,
  nextRound,
  noHistory,
  planDownload,
} from "../../../../edge-agent/core/download-plan.ts";

const whole: Stretch = { from: 300, to: 1_000, chunk: undefined };
/** Chunks of 100 bytes. */
const fromChunk = (index: number): Stretch => ({
  from: 100 * index,
  to: 1_000,
  chunk: { index, to: 100 * (index + 1) },
});
const wrong = (chunk: number, ...sources: readonly number[]) =>
  sources.reduce((history, source) => afterWrongChunk(history, { chunk, source }), noHistory);

describe("where the next bytes come from", () => {
  it("is the first source, for all that is missing", () => {
    expect(planDownload(whole, noHistory, 2)).toEqual({ kind: "fetch", source: 0, to: 1_000 });
    expect(planDownload(fromChunk(3), noHistory, 2)).toEqual({ kind: "fetch", source: 0, to: 1_000 });
  });

  it("is the next source where one broke off, and all of them again after a pause, for three rounds", () => {
    let history = afterBreak(noHistory, 0);
    expect(planDownload(whole, history, 2)).toEqual({ kind: "fetch", source: 1, to: 1_000 });
    for (const kind of ["pause", "pause", "give-up"] as const) {
      history = afterBreak(afterBreak(history, 0), 1);
      expect(planDownload(whole, history, 2)).toEqual({ kind });
      history = nextRound(history);
      expect(planDownload(whole, history, 2)).toMatchObject({ kind: "fetch", source: 0 });
    }
  });

  it("is another source for a chunk that came wrong, and for nothing but that chunk", () => {
    expect(planDownload(fromChunk(3), wrong(3, 0), 2)).toEqual({ kind: "fetch", source: 1, to: 400 });
    expect(planDownload(fromChunk(4), wrong(3, 0), 2)).toEqual({ kind: "fetch", source: 0, to: 1_000 });
    expect(planDownload(fromChunk(3), wrong(3, 0, 1), 2)).toEqual({ kind: "fetch", source: 0, to: 400 });
  });

  it("is the same source again where there is no other", () => {
    expect(planDownload(fromChunk(3), wrong(3, 0), 1)).toEqual({ kind: "fetch", source: 0, to: 400 });
    expect(planDownload(fromChunk(3), afterBreak(wrong(3, 0), 1), 2)).toMatchObject({ source: 0 });
  });

  it("is a source that has sent three chunks wrong only after the others", () => {
    const liar = [1, 2, 3].reduce((history, chunk) => afterWrongChunk(history, { chunk, source: 0 }), noHistory);
    expect(planDownload(fromChunk(7), liar, 2)).toEqual({ kind: "fetch", source: 1, to: 1_000 });
    expect(planDownload(fromChunk(7), afterBreak(liar, 1), 2)).toMatchObject({ source: 0 });
  });

  it("is nowhere when a chunk has come wrong four times", () => {
    expect(planDownload(fromChunk(3), wrong(3, 0, 1, 0), 2)).toMatchObject({ kind: "fetch", source: 1 });
    expect(planDownload(fromChunk(3), wrong(3, 0, 1, 0, 1), 2)).toEqual({ kind: "damaged", chunk: 3 });
    expect(planDownload(fromChunk(4), wrong(3, 0, 1, 0, 1), 2)).toMatchObject({ kind: "fetch" });
  });
});
