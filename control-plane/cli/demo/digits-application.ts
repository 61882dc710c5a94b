import { readFile } from "node:fs/promises";

import { decodeNpy } from "../../packaging/npy.ts";

/**
 * The application beside one agent: it asks for digits over the Open Inference Protocol and, because it knows the right answers,
 * can say how good each version really was. The fleet's own decisions never see these answers.
 */
export interface DigitsApplication {
  /** Right answers and all answers, by the model version that gave them. */
  readonly scores: ReadonlyMap<string, { right: number; asked: number }>;
  /** Requests that got no answer. */
  readonly failed: () => number;
}

interface InferResponse {
  readonly model_version?: string;
  readonly outputs: readonly { readonly data: readonly number[] }[];
}

export interface DigitsFiles {
  readonly images: URL;
  readonly labels: URL;
}

const pixels = 28 * 28;

/** Asks about ten times a second until the signal ends it; then resolves. */
export async function runDigitsApplication(
  files: DigitsFiles,
  agentUrl: string,
  model: string,
  publish: (application: DigitsApplication) => void,
  signal: AbortSignal,
): Promise<void> {
  const images = decodeNpy(await readFile(files.images));
  const labels = decodeNpy(await readFile(files.labels));
  const scores = new Map<string, { right: number; asked: number }>();
  let failures = 0;
  publish({ scores, failed: () => failures });
  const scale = images.elementType === "uint8" ? 1 / 255 : 1;
  for (let i = 0; !signal.aborted; i = (i + 1) % labels.data.length) {
    const image = Array.from(images.data.subarray(i * pixels, (i + 1) * pixels), (pixel) => pixel * scale);
    const answer = await ask(agentUrl, model, image, signal).catch(() => undefined);
    if (answer === undefined) failures += signal.aborted ? 0 : 1;
    else {
      const score = scores.get(answer.version) ?? { right: 0, asked: 0 };
      score.asked += 1;
      if (answer.digit === labels.data[i]) score.right += 1;
      scores.set(answer.version, score);
    }
    await pause(100, signal);
  }
}

async function ask(
  agentUrl: string,
  model: string,
  image: readonly number[],
  signal: AbortSignal,
): Promise<{ digit: number; version: string }> {
  const response = await fetch(`${agentUrl}/v2/models/${model}/infer`, {
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

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const finish = (): void => {
      clearTimeout(timer);
      signal.removeEventListener("abort", finish);
      resolve();
    };
    const timer = setTimeout(finish, ms);
    signal.addEventListener("abort", finish);
  });
}
