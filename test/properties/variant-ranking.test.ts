import fc from "fast-check";
import { noneTold } from "../../control-plane/domain/told-answers.ts";
import { describe, it } from "vitest";
import { gatherVariantEvidence, mergeVariantEvidence } from "../../control-plane/domain/variant-evidence.ts";
import { rankVariants } from "../../control-plane/domain/variant-ranking.ts";
import { parseDeviceId } from "../../proto/ids.ts";
import type { Variant } from "../../proto/manifest.ts";
import { latencyEdges } from "../../proto/sketch/latency.ts";
import { aManifest } from "../support/manifests.ts";
import { aWindow } from "../support/messages.ts";

const ids = ["a", "b", "c", "d"];
const variants = ids.map((id): Variant => ({ ...(aManifest().variants[0] as Variant), id }));

const evidence = fc
  .record({ inferences: fc.integer({ min: 0, max: 2_000 }), share: fc.double({ min: 0, max: 1, noNaN: true }) })
  .chain(({ inferences, share }) =>
    fc.integer({ min: 0, max: latencyEdges.length }).map((bin) => {
      const errors = Math.floor(inferences * share * 0.1);
      const latency = [0, ...latencyEdges.map(() => 0)];
      latency[bin] = inferences - errors;
      return { inferences, errors, latency, told: noneTold };
    }),
  );
const classEvidence = fc
  .tuple(...ids.map(() => fc.option(evidence, { nil: undefined })))
  .map((list) => new Map(list.flatMap((one, i) => (one === undefined ? [] : [[ids[i] as string, one] as const]))));

describe("ranking variants", () => {
  it("names every variant exactly once, or none", () => {
    fc.assert(
      fc.property(classEvidence, (found) => {
        const order = rankVariants({ variants }, "x64", found);
        return order.length === 0 || order.toSorted().join() === ids.join();
      }),
    );
  });

  it("gives a reason to leave the order once: asked again with the new order, it has nothing to add", () => {
    fc.assert(
      fc.property(classEvidence, (found) => {
        const order = rankVariants({ variants }, "x64", found);
        const again = order.map((id) => variants.find((variant) => variant.id === id) as Variant);
        return rankVariants({ variants: again }, "x64", found).length === 0;
      }),
    );
  });
});

describe("what devices counted of variants", () => {
  const windows = fc.array(
    fc.record({
      device: fc.constantFrom("device-1", "device-2", "device-3").map(parseDeviceId),
      variant: fc.constantFrom("a", "b"),
      inferences: fc.integer({ min: 0, max: 50 }),
    }),
    { maxLength: 20 },
  );
  const gather = (list: readonly { device: ReturnType<typeof parseDeviceId>; variant: string; inferences: number }[]) =>
    gatherVariantEvidence(
      list.map(({ device, ...window }) => ({ device, window: aWindow(window) })),
      (device) => (device === "device-3" ? undefined : device),
    );

  it("adds up to the same, however the windows are divided", () => {
    fc.assert(
      fc.property(windows, fc.nat(20), (list, cut) => {
        const parts = mergeVariantEvidence(gather(list.slice(0, cut)), gather(list.slice(cut)));
        const flat = (all: typeof parts) =>
          ["device-1", "device-2"].map((name) => ["a", "b"].map((id) => all.get(name)?.get(id)));
        return JSON.stringify(flat(parts)) === JSON.stringify(flat(gather(list)));
      }),
    );
  });
});
