import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { parse, stringify } from "yaml";
import { runCommandLine } from "../../control-plane/cli/run-command-line.ts";
import { createTerminal } from "../../control-plane/cli/terminal.ts";
import { digitsDirectory } from "../fixtures/read-digits.ts";
import type { TestControlPlane } from "../support/control-plane.ts";
import { startTestControlPlane } from "../support/control-plane.ts";
import type { TemporaryDirectory } from "../support/temporary-directory.ts";
import { temporaryDirectory } from "../support/temporary-directory.ts";

/** A trained float model and samples, and what `sedge model push` makes of them. Each test goes on where the one before ended. */
let plane: TestControlPlane;
let home: TemporaryDirectory;
let environment: Readonly<Record<string, string>>;
beforeAll(async () => {
  plane = await startTestControlPlane();
  home = await temporaryDirectory();
  environment = { SEDGE_DATA: plane.data, XDG_CONFIG_HOME: home.path };
});
afterAll(async () => {
  await plane[Symbol.asyncDispose]();
  await home[Symbol.asyncDispose]();
});

async function sedge(...words: readonly string[]) {
  const written = { out: "", err: "" };
  const stream = (name: "out" | "err") => ({ write: (text: string) => Boolean((written[name] += text)) });
  const terminal = createTerminal(stream("out") as never, stream("err") as never, environment);
  const surroundings = { terminal, environment, now: Date.now, signal: new AbortController().signal };
  return { exitCode: await runCommandLine(words, surroundings, "1.2.3"), ...written };
}

/** The specification of the fixture with its files' whole names, so that it may lie anywhere. */
async function specWith(changes: object): Promise<string> {
  const directory = fileURLToPath(digitsDirectory);
  const text = await readFile(join(directory, "digits-float.yaml"), "utf8");
  const whole = text.replaceAll(/[\w-]+\.(?:onnx|npy)/g, (name) => join(directory, name));
  const file = join(home.path, "spec.yaml");
  await writeFile(file, stringify({ ...(parse(whole) as object), ...changes }));
  return file;
}

interface Detail {
  readonly manifest: {
    readonly variants: readonly {
      readonly id: string;
      readonly file: { readonly digest: string };
      readonly build: { readonly method: string; readonly options: object };
      readonly quality: object;
      readonly measured: readonly { readonly p50Ms: number }[];
    }[];
  };
}

async function shown(reference: string): Promise<Detail["manifest"]["variants"]> {
  const { out } = await sedge("model", "show", reference, "-o", "json");
  return (JSON.parse(out) as Detail).manifest.variants;
}

describe("a trained float model with samples", () => {
  test("becomes a package of judged variants, with a report of each", async () => {
    const { exitCode, err } = await sedge("model", "push", await specWith({}));
    expect(exitCode).toBe(0);
    expect(err).toMatch(/VARIANT +SIZE +QUALITY +P50 \/ P95 +MEMORY +VERDICT/);
    expect(err).toMatch(/int8-weights +[\d.]+ kB +27 % +9\d\.\d\d % .* accuracy 9\d\.\d\d %/);
    expect(err).toContain("Roll it out with: sedge rollout start digits@4");
    const variants = await shown("digits@4");
    expect(variants.length).toBeGreaterThanOrEqual(3);
    for (const { quality, measured } of variants) {
      expect(quality).toMatchObject({ metric: "accuracy", samples: 1_500, tolerance: 0.005 });
      expect(measured[0]?.p50Ms).toBeGreaterThan(0);
    }
  });

  test("gets a next version with the scales of the one before, by its name in the control plane", async () => {
    const variants = [{ id: "int8-weights", method: "weights-int8" }];
    const spec = await specWith({ version: "5", variants });
    expect(await sedge("model", "push", spec, "--base-version", "digits@4")).toMatchObject({ exitCode: 0 });
    const before = (await shown("digits@4")).find(({ id }) => id === "int8-weights");
    const [after] = await shown("digits@5");
    expect(after?.build).toMatchObject({ method: "weights-int8", options: { scalesOfParent: true } });
    // The same weights with the same scales: the same bytes.
    expect(after?.file.digest).toBe(before?.file.digest);
  });

  test("is refused with the reason when its parent is not there", async () => {
    const spec = await specWith({ version: "6", variants: [{ id: "int8-weights", method: "weights-int8" }] });
    expect(await sedge("model", "push", spec, "--base-version", home.path)).toMatchObject({
      exitCode: 1,
      err: expect.stringContaining("is no packed directory: it has no manifest.json"),
    });
    expect((await sedge("model", "push", spec, "--base-version", "digits@44")).exitCode).not.toBe(0);
  });

  test("is refused when samples to judge by are among those to calibrate with", async () => {
    const images = fileURLToPath(new URL("reference-images.npy", digitsDirectory));
    const spec = await specWith({ version: "6", samples: { calibration: images, heldOut: images } });
    expect(await sedge("model", "push", spec)).toMatchObject({
      exitCode: 1,
      err: expect.stringMatching(/row 0 of reference-images\.npy is also among those to calibrate with/),
    });
  });
});
