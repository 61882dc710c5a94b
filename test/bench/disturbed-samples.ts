import type { SampleSet } from "../../control-plane/packaging/samples/sample-set.ts";
import { seededRandom } from "../fixtures/training/seeded-random.ts";

/**
 * Each sample as it is, and `copies` times with another contrast, another brightness and noise, as a camera would have it: a few dozen
 * samples alone tell builds apart by chance. For float32 inputs of about -1 to 1. The same numbers at every reading.
 */
export function disturbed(samples: SampleSet, copies: number): SampleSet {
  return {
    count: samples.count * (copies + 1),
    async read(index) {
      const sample = await samples.read(index % samples.count);
      if (index < samples.count) return sample;
      const random = seededRandom(index);
      const contrast = 0.5 + random.uniform() / 2;
      const brightness = (random.uniform() - 0.5) / 2;
      const noise = random.uniform() / 10;
      const inputs = sample.inputs.map((input) => {
        const values = new Float32Array(input.rawData.slice().buffer).map((value) =>
          Math.max(-1, Math.min(1, value * contrast + brightness + noise * random.normal())),
        );
        return { ...input, rawData: new Uint8Array(values.buffer) };
      });
      return { ...sample, name: `${sample.name}, disturbed`, inputs };
    },
  };
}
