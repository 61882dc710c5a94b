import { describe, expect, it } from "vitest";
import { CommandError, exitCodes } from "../../../../control-plane/cli/exit-codes.ts";
import { sampleOptionsOf } from "../../../../control-plane/cli/sample-flags.ts";
import type { SampleFlags } from "../../../../control-plane/cli/sample-flags.ts";

describe("the flags for samples", () => {
  it("say nothing where nothing is said", () => {
    expect(sampleOptionsOf({})).toEqual({ divideBy: {} });
  });

  it("name the column of labels, the file of labels, and divisors by input", () => {
    expect(sampleOptionsOf({ labelColumn: "kind", labels: "labels.npy", divideBy: ["image=255", "x=0.5"] })).toEqual({
      labelColumn: "kind",
      labels: "labels.npy",
      divideBy: { image: 255, x: 0.5 },
    });
  });

  it("say in JSON how images become inputs", () => {
    const { images } = sampleOptionsOf({ images: '{"colours":"BGR","mean":[0.5],"std":[0.25]}' });
    expect(images).toMatchObject({ colours: "BGR", mean: [0.5], std: [0.25] });
  });

  const mistakes: readonly [SampleFlags, RegExp][] = [
    [{ divideBy: ["image"] }, /"image" is not KEY=VALUE/],
    [{ divideBy: ["image=0"] }, /--divide-by image=0: "0" is not a number above 0/],
    [{ divideBy: ["image=-1"] }, /"-1" is not a number above 0/],
    [{ divideBy: ["image="] }, /"" is not a number above 0/],
    [{ divideBy: ["image=many"] }, /"many" is not a number above 0/],
    [{ divideBy: ["image=Infinity"] }, /"Infinity" is not a number above 0/],
    [{ divideBy: ["image=255", "image=2"] }, /--divide-by image=2: "image" is divided already/],
    [{ images: "mean=0.5" }, /--images must be JSON, not mean=0\.5/],
    [{ images: '{"colors":"BGR"}' }, /the image options have mistakes/],
  ];
  it.each(mistakes)("%j is a mistake in the command line", (flags, reason) => {
    const error: unknown = (() => {
      try {
        return sampleOptionsOf(flags);
      } catch (thrown) {
        return thrown;
      }
    })();
    expect(error).toBeInstanceOf(CommandError);
    expect(error).toMatchObject({ exitCode: exitCodes.usage, message: expect.stringMatching(reason) });
  });
});
