import { bytesPerElement } from "../../../proto/codec/golden.ts";
import type { PrivacyRule, PrivacyTreatment } from "../../../proto/assignment-messages.ts";
import type { Tensor } from "../../../proto/tensors.ts";
import { binOf } from "../../../proto/sketch/histogram.ts";
import { tensorValue } from "../../../proto/tensor-value.ts";
import { boxBlur } from "./box-blur.ts";
import { elementWriters, hashBits } from "./element-writers.ts";

/** 32 bits that the value and a salt determine. */
export type HashValue = (value: number) => Promise<number>;

/**
 * What of an inference may be stored: the rules that a person gave, and nothing beyond them. A tensor without a rule is left out, a
 * column without one becomes 0: a model that gets a new input tells nothing of it until somebody has decided.
 */
export async function withPrivacy(
  tensors: readonly Tensor[],
  rules: readonly PrivacyRule[],
  hash: HashValue,
): Promise<readonly Tensor[]> {
  const treated: Tensor[] = [];
  for (const tensor of tensors)
    if (mayLeave(tensor.name, rules)) treated.push(await treatedTensor(tensor, treatmentsOf(tensor.name, rules), hash));
  return treated;
}

/** Whether the rules let anything of this tensor out. */
export function mayLeave(tensor: string, rules: readonly PrivacyRule[]): boolean {
  const { whole, columns } = treatmentsOf(tensor, rules);
  return whole.kind !== "drop" || [...columns.values()].some(({ kind }) => kind !== "drop");
}

interface Treatments {
  readonly whole: PrivacyTreatment;
  readonly columns: ReadonlyMap<number, PrivacyTreatment>;
}

function treatmentsOf(tensor: string, rules: readonly PrivacyRule[]): Treatments {
  const own = rules.filter((rule) => rule.tensor === tensor);
  const columns = own.flatMap((rule) =>
    // A blurred column would be the column: blur is for images.
    rule.column === undefined ? [] : [[rule.column, rule.kind === "blur" ? dropped : rule] as const],
  );
  const whole =
    own.find((rule) => rule.column === undefined) ??
    // Whoever gave rules for some columns has not spoken of the others.
    (columns.length > 0 ? undefined : rules.find((rule) => rule.tensor === "*" && rule.column === undefined));
  return { whole: whole ?? dropped, columns: new Map(columns) };
}

const dropped: PrivacyTreatment = { kind: "drop" };

async function treatedTensor(tensor: Tensor, { whole, columns }: Treatments, hash: HashValue): Promise<Tensor> {
  const { data } = tensorValue(tensor);
  const width = tensor.dims.at(-1) ?? 1;
  const size = bytesPerElement[tensor.dataType];
  const write = elementWriters[tensor.dataType];
  const rawData = new Uint8Array(tensor.rawData);
  const view = new DataView(rawData.buffer);
  const bits = hashBits[tensor.dataType];
  const narrowed = async (value: number) => (await hash(value)) >>> (32 - bits);
  const blurred = whole.kind === "blur" ? boxBlur(data, tensor.dims, whole.radius) : data;
  for (let i = 0; i < data.length; i++) {
    const treatment = columns.get(i % width) ?? whole;
    // What is kept stays as it is, bit by bit: an int64 has more digits than a number.
    if (treatment.kind === "keep") continue;
    const value = (treatment.kind === "blur" ? blurred[i] : data[i]) as number;
    write(view, i * size, await treatedValue(value, treatment, narrowed));
  }
  return { ...tensor, rawData };
}

async function treatedValue(value: number, treatment: PrivacyTreatment, hash: HashValue): Promise<number> {
  switch (treatment.kind) {
    case "keep":
    case "blur":
      return value;
    case "drop":
      return 0;
    case "hash":
      return await hash(value);
    case "round":
      return Math.round(value / treatment.step) * treatment.step;
    case "bin":
      return binOf(treatment.edges, value);
  }
}
