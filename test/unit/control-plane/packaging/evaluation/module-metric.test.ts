import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { moduleMetric } from "../../../../../control-plane/packaging/evaluation/module-metric.ts";
import { metricOver, scores } from "../../../../support/judged-samples.ts";

let directory: string;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "sedge-metric-"));
});

afterAll(() => rm(directory, { recursive: true, force: true }));

async function written(name: string, source: string): Promise<string> {
  const file = join(directory, name);
  await writeFile(file, source);
  return file;
}

describe("a metric of one's own", () => {
  it("is the mean of its scores", async () => {
    const file = await written(
      "near.mjs",
      `export const name = "nearness";
       export const better = "higher";
       export function score({ outputs, reference, label }) {
         return label + outputs.get("scores").data[0] - reference.get("scores").data[0];
       }`,
    );
    const metric = await moduleMetric(file);
    expect(metric).toMatchObject({ name: "nearness", better: "higher", isShare: false });
    const samples = [
      { outputs: scores([3]), reference: scores([1]), label: 1 },
      { outputs: scores([1]), reference: scores([1]), label: 2 },
    ];
    expect(metricOver(metric, samples)).toBe(2.5);
  });

  it("may be a CommonJS module", async () => {
    const file = await written(
      "half.cjs",
      `const text = "half"; module.exports = { name: text + "ness", better: "lower", score: () => 0.5 };`,
    );
    const metric = await moduleMetric(file);
    expect(metric).toMatchObject({ name: "halfness", better: "lower" });
    expect(metricOver(metric, [{}])).toBe(0.5);
  });

  it("is given the right outputs where there are some", async () => {
    const file = await written(
      "expected.mjs",
      `export const name = "n", better = "lower", score = ({ expected }) => expected?.get("scores").dims[1] ?? -1`,
    );
    const metric = await moduleMetric(file);
    expect(metricOver(metric, [{ expected: scores([1, 2, 3]) }])).toBe(3);
    expect(metricOver(metric, [{}])).toBe(-1);
  });

  it.each([
    ["nameless.mjs", `export const name = " ", better = "lower", score = () => 1`, /must export name/],
    ["syntax.mjs", "export const = 1", /syntax\.mjs cannot be loaded: /],
    ["empty.mjs", "export {}", /must export name \(text\), better \("higher" or "lower"\) and score/],
    ["neither.mjs", `export const name = "x", better = "more", score = () => 1`, /must export name/],
  ])("%s is refused with what it lacks", async (name, source, message) => {
    await expect(moduleMetric(await written(name, source))).rejects.toThrow(message);
  });

  it("is refused with its file when there is none", async () => {
    await expect(moduleMetric(join(directory, "nowhere.mjs"))).rejects.toThrow(/nowhere\.mjs cannot be loaded/);
  });

  it("must give a finite number for each sample", async () => {
    const file = await written("broken.mjs", `export const name = "n", better = "lower", score = () => "much"`);
    const metric = await moduleMetric(file);
    expect(() => metricOver(metric, [{}])).toThrow(/score\(\) of .*broken\.mjs gave much for sample 0/);
  });

  it("that fails says for which sample", async () => {
    const source = `export const name = "n", better = "lower", score = ({ outputs }) => outputs.get("nothing").data[0]`;
    const metric = await moduleMetric(await written("failing.mjs", source));
    expect(() => metricOver(metric, [{ name: "row 7" }])).toThrow(
      /score\(\) of .*failing\.mjs failed for row 7: TypeError: /,
    );
  });
});
