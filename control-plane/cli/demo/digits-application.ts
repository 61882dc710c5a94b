import { readFile } from "node:fs/promises";
import { setTimeout as delay } from "node:timers/promises";

import { decodeNpy, numbersOfNpy, rowOfNpy } from "../../../proto/npy.ts";

/**
 * The application beside one agent: it asks for digits over the Open Inference Protocol and, because it knows the right answers,
 * can say how good each version really was. The fleet's own decisions never see these answers.
 */
export interface DigitsApplication extends AsyncDisposable {
  /** Right answers and all answers, by the model version that gave them. */
  readonly scores: ReadonlyMap<string, { readonly right: number; readonly asked: number }>;
  /** Requests without an answer, once there had been a first one. */
  readonly unanswered: number;
}

interface InferResponse {
  readonly model_version?: string;
  readonly outputs: readonly { readonly data: readonly number[] }[];
}

export interface DigitsFiles {
  readonly images: URL;
  readonly labels: URL;
}

const betweenRequestsMs = 100;

/** Asks about ten times a second until it is disposed. */
export async function startDigitsApplication(files: DigitsFiles, inferUrl: string): Promise<DigitsApplication> {
  const images = decodeNpy(await readFile(files.images));
  const labels = numbersOfNpy(decodeNpy(await readFile(files.labels)));
  const scores = new Map<string, { right: number; asked: number }>();
  const ending = new AbortController();
  let unanswered = 0;

  async function askOnce(i: number): Promise<void> {
    // Stored as bytes; the model takes 0..1.
    const image = Array.from(numbersOfNpy(rowOfNpy(images, i)), (pixel) => pixel / 255);
    try {
      const { digit, version } = await ask(inferUrl, image, ending.signal);
      const score = scores.get(version) ?? { right: 0, asked: 0 };
      score.asked += 1;
      if (digit === labels[i]) score.right += 1;
      scores.set(version, score);
    } catch {
      // Before the first model has come there is nobody to answer.
      if (scores.size > 0 && !ending.signal.aborted) unanswered += 1;
    }
  }

  async function run(): Promise<void> {
    for (let i = 0; !ending.signal.aborted; i = (i + 1) % labels.length) {
      await askOnce(i);
      await delay(betweenRequestsMs, undefined, { signal: ending.signal }).catch(() => undefined);
    }
  }

  const running = run();
  return {
    scores,
    get unanswered() {
      return unanswered;
    },
    async [Symbol.asyncDispose]() {
      ending.abort();
      await running;
    },
  };
}

async function ask(
  inferUrl: string,
  image: readonly number[],
  signal: AbortSignal,
): Promise<{ digit: number; version: string }> {
  const response = await fetch(inferUrl, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ inputs: [{ name: "image", shape: [1, 1, 28, 28], datatype: "FP32", data: image }] }),
    signal,
  });
  if (!response.ok) throw new Error(`${response.status} ${await response.text()}`);
  const body = (await response.json()) as InferResponse;
  const logits = body.outputs[0]?.data ?? [];
  return { digit: logits.indexOf(Math.max(...logits)), version: body.model_version ?? "" };
}
