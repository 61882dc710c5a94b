import { createHash } from "node:crypto";
import { BitEncoder } from "../../../proto/delta/bit-coder.ts";
import { encodeDeltaHeader } from "../../../proto/delta/delta-header.ts";
import { elementFormat } from "../../../proto/delta/element-formats.ts";
import type { Instruction } from "../../../proto/delta/instructions.ts";
import { blockLength, RunCoder } from "../../../proto/delta/run-coder.ts";
import { digestOf } from "../variant-file.ts";
import { gapsBetween, smallestLayout } from "./delta-layout.ts";
import type { TensorRun } from "./tensor-runs.ts";
import { tensorRuns } from "./tensor-runs.ts";

/** How a tensor of the target travels. */
export interface TensorPart {
  readonly name: string;
  readonly bytes: number;
  /** Copied whole, as its difference from a tensor of the base, or by itself. */
  readonly how: "copied" | "difference" | "new";
}

export interface Delta {
  readonly bytes: Uint8Array;
  readonly tensors: readonly TensorPart[];
  /** Bytes outside of tensors that had to be sent, before they were compressed. */
  readonly literalBytes: number;
}

const triedBlocks = 16;

type RunInstruction = Extract<Instruction, { kind: "run" }>;

/**
 * The bytes that make `target` out of `base` (proto/delta/delta-header.ts says how they lie). Tensors are found in both files: one whose
 * bytes the base has anywhere is copied, one of the same name and shape is sent as its difference, any other by itself. What lies between
 * the tensors, the graph, is matched byte by byte; so are files that are no ONNX model. Same files, same delta.
 */
export function createDelta(base: Uint8Array, target: Uint8Array): Delta {
  const baseRuns = tensorRuns(base);
  const sources = new Sources(base, baseRuns);
  const encoder = new BitEncoder();
  const coder = new RunCoder(encoder);
  const tensors: (TensorPart & { readonly offset: number; readonly instruction: Instruction })[] = [];
  for (const run of tensorRuns(target)) {
    const bytes = target.subarray(run.offset, run.offset + run.length);
    const copied = sources.sameBytes(bytes);
    const instruction: Instruction =
      copied === undefined
        ? cheaperRun(bytes, run, base, sources.counterpart(run)?.offset)
        : { kind: "copy", length: run.length, offset: copied.offset };
    if (instruction.kind === "run") encodeRun(coder, instruction, bytes, base);
    tensors.push({ name: run.name, bytes: run.length, how: howOf(instruction), offset: run.offset, instruction });
  }
  const coded = encoder.finish();
  const { written, literal, literalBytes } = smallestLayout(base, gapsBetween(baseRuns, base.length), target, tensors);
  const header = encodeDeltaHeader({
    base: { digest: digestOf(base), size: base.length },
    target: { digest: digestOf(target), size: target.length },
    instructionBytes: written.length,
    literalBytes: literal.length,
    codedBytes: coded.length,
  });
  return {
    bytes: Buffer.concat([header, written, literal, coded]),
    tensors: tensors.map(({ name, bytes, how }) => ({ name, bytes, how })),
    literalBytes,
  };
}

function howOf(instruction: Instruction): TensorPart["how"] {
  if (instruction.kind === "copy") return "copied";
  return instruction.kind === "run" && instruction.offset !== undefined ? "difference" : "new";
}

/** A retrained tensor is smaller by itself than as a difference from the one before: both ways are tried on its first blocks. */
function cheaperRun(bytes: Uint8Array, run: TensorRun, base: Uint8Array, offset: number | undefined): RunInstruction {
  const { length, format, width } = run;
  const alone: RunInstruction = { kind: "run", length, offset: undefined, format, width };
  if (offset === undefined) return alone;
  const difference: RunInstruction = { ...alone, offset };
  const triedBytes = Math.min(length, triedBlocks * blockLength(elementFormat(format), width));
  const tried = bytes.subarray(0, triedBytes);
  const costOf = (one: RunInstruction) => codedLength({ ...one, length: triedBytes }, tried, base);
  return costOf(difference) < costOf(alone) ? difference : alone;
}

function codedLength(run: RunInstruction, bytes: Uint8Array, base: Uint8Array): number {
  const encoder = new BitEncoder();
  encodeRun(new RunCoder(encoder), run, bytes, base);
  return encoder.finish().length;
}

function encodeRun(coder: RunCoder, run: RunInstruction, bytes: Uint8Array, base: Uint8Array): void {
  const format = elementFormat(run.format);
  const block = blockLength(format, run.width);
  for (let done = 0; done < run.length; done += block) {
    const end = Math.min(done + block, run.length);
    const before = run.offset === undefined ? undefined : base.subarray(run.offset + done, run.offset + end);
    coder.encode(format, run.width, bytes.subarray(done, end), before);
  }
}

/** Where a tensor's bytes, or what it is a later form of, lie in the base. */
class Sources {
  readonly #byDigest = new Map<string, TensorRun>();
  readonly #byName = new Map<string, TensorRun>();
  /** For tensors that were renamed: those of one shape, in their order. */
  readonly #byKind = new Map<string, TensorRun[]>();
  readonly #taken = new Map<string, number>();

  constructor(base: Uint8Array, runs: readonly TensorRun[]) {
    for (const run of runs) {
      this.#byDigest.set(contentOf(base.subarray(run.offset, run.offset + run.length)), run);
      this.#byName.set(`${run.kind} ${run.name}`, run);
      this.#byKind.set(run.kind, [...(this.#byKind.get(run.kind) ?? []), run]);
    }
  }

  sameBytes(bytes: Uint8Array): TensorRun | undefined {
    return this.#byDigest.get(contentOf(bytes));
  }

  counterpart(run: TensorRun): TensorRun | undefined {
    const place = this.#taken.get(run.kind) ?? 0;
    this.#taken.set(run.kind, place + 1);
    return this.#byName.get(`${run.kind} ${run.name}`) ?? this.#byKind.get(run.kind)?.[place];
  }
}

function contentOf(bytes: Uint8Array): string {
  return `${bytes.length} ${createHash("sha256").update(bytes).digest("base64")}`;
}
