import { expect, test } from "vitest";
import { createFewAtOnce } from "../../../../control-plane/application/few-at-once.ts";

/** Work that ends when it is told to. */
function pending() {
  const started: number[] = [];
  const ends = new Map<number, (outcome: "well" | "badly") => void>();
  const work = (i: number) => () =>
    new Promise<number>((resolve, reject) => {
      started.push(i);
      ends.set(i, (outcome) => (outcome === "well" ? resolve(i) : reject(new Error(`${i}`))));
    });
  return { started, work, end: (i: number, outcome: "well" | "badly" = "well") => ends.get(i)?.(outcome) };
}

test("no more than so many run, the others wait in their order", async () => {
  const { started, work, end } = pending();
  const fewAtOnce = createFewAtOnce(2);
  const answers = [0, 1, 2, 3].map((i) => fewAtOnce(work(i)));
  expect(started).toEqual([0, 1]);
  end(1);
  expect(await answers[1]).toBe(1);
  await Promise.resolve();
  expect(started).toEqual([0, 1, 2]);
  for (const i of [0, 2]) end(i);
  await Promise.all([answers[0], answers[2]]);
  await Promise.resolve();
  end(3);
  expect(await Promise.all(answers)).toEqual([0, 1, 2, 3]);
});

test("one that fails gives up its place", async () => {
  const { started, work, end } = pending();
  const fewAtOnce = createFewAtOnce(1);
  const failing = fewAtOnce(work(0));
  const next = fewAtOnce(work(1));
  end(0, "badly");
  await expect(failing).rejects.toThrow("0");
  await Promise.resolve();
  expect(started).toEqual([0, 1]);
  end(1);
  expect(await next).toBe(1);
});
