import type { ModelProto } from "./model.ts";
import { nodeKey } from "./graph/node-key.ts";
import { bytesOf, valueOfInfo } from "./shape-value.ts";
import { walkShapes } from "./shape-walk.ts";

/** What one inference needs, by shapes alone. */
export interface MemoryEstimate {
  /** The most that inputs and inner values take at one time, as walkShapes counts it. */
  readonly activationBytes: number;
  /** Values whose size is not known before the model runs: they are counted as nothing. */
  readonly unknownValues: number;
  /** The sizes that were assumed for the free dimensions: as given, else 1. */
  readonly assumed: readonly FreeDimension[];
  /** Values larger than any device's model needs: constants such as ConstantOfShape make them out of a few bytes. */
  readonly oversized: readonly string[];
}

export interface FreeDimension {
  /** "" for those that the file gives no name. */
  readonly name: string;
  readonly size: number;
}

/** One value of one inference. The largest seen in networks for devices are some ten megabytes. */
const largestValueBytes = 1024 ** 3;
const shownValues = 8;

/** `given` says how large free dimensions are, by name. */
export function estimateMemory(model: ModelProto, given: ReadonlyMap<string, number>): MemoryEstimate {
  const assumed = freeDimensions(model).map((name) => ({ name, size: given.get(name) ?? 1 }));
  const sizes = new Map(assumed.map(({ name, size }) => [name, size]));
  const { values, peakBytes } = walkShapes(model, sizes);
  const large = [
    ...(model.graph?.input ?? []).flatMap((input) => {
      const bytes = bytesOf(valueOfInfo(input, sizes)) ?? 0;
      return bytes > largestValueBytes ? [`input "${input.name ?? ""}" takes ${inWords(bytes)}`] : [];
    }),
    ...values.flatMap(({ node, name, bytes = 0 }) =>
      bytes > largestValueBytes ? [`${node.opType ?? ""} "${nodeKey(node)}" makes "${name}" of ${inWords(bytes)}`] : [],
    ),
  ];
  return {
    activationBytes: peakBytes,
    unknownValues: values.filter(({ bytes }) => bytes === undefined).length,
    assumed,
    oversized: large.slice(0, shownValues).map((one) => `${one}, more than ${inWords(largestValueBytes)}`),
  };
}

/** Names of the free dimensions of the inputs, in their order; inner values may use further ones. */
function freeDimensions(model: ModelProto): readonly string[] {
  const constants = new Set(model.graph?.initializer.map(({ name }) => name));
  const names = (model.graph?.input ?? [])
    .filter(({ name }) => !constants.has(name))
    .flatMap(({ type }) => type?.tensorType?.shape?.dim ?? [])
    .filter(({ dimValue }) => dimValue === undefined)
    .map(({ dimParam = "" }) => dimParam);
  return [...new Set(names)];
}

function inWords(bytes: number): string {
  return `${Number((bytes / 1024 ** 3).toPrecision(3))} GiB`;
}
