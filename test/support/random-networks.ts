import fc from "fast-check";
import { floatAttribute, intAttribute, intsAttribute, node } from "../../control-plane/packaging/onnx/build.ts";
import type { ModelProto, NodeProto, TensorProto } from "../../control-plane/packaging/onnx/model.ts";
import { onnxMessage } from "../../control-plane/packaging/onnx/schema.ts";
import { constant, network, weight } from "./small-networks.ts";

/** Small networks of operators that packaging rewrites, for pictures of `pictureDims`, with everything that exporters leave in a file. */

export const pictureDims = [1, 3, 8, 8] as const;

const operators = [
  "Conv",
  "Conv",
  "Conv",
  "depthwise",
  "Relu",
  "Clip",
  "BatchNormalization",
  "Add",
  "Mul",
  "bias",
  "hard swish",
  "MaxPool",
  "Concat",
  "LeakyRelu",
  "Sigmoid",
  "Identity",
  "Dropout",
] as const;
type Operator = (typeof operators)[number];

interface Recipe {
  readonly opset: number;
  readonly steps: readonly { readonly operator: Operator; readonly seed: number }[];
  readonly head: boolean;
  /** Weights stand in Constant nodes. */
  readonly hidden: boolean;
}

export const randomNetwork: fc.Arbitrary<ModelProto> = fc
  .record({
    opset: fc.constantFrom(9, 11, 12, 13, 17),
    steps: fc.array(fc.record({ operator: fc.constantFrom(...operators), seed: fc.nat(1_000_000) }), {
      minLength: 1,
      maxLength: 9,
    }),
    head: fc.boolean(),
    hidden: fc.boolean(),
  })
  .map((recipe) => new Building(recipe).model());

class Building {
  readonly #recipe: Recipe;
  readonly #nodes: NodeProto[] = [];
  readonly #tensors: TensorProto[] = [];
  /** All values with the shape of the newest one. */
  #alike: string[] = ["x"];
  #channels = 3;
  #size = 8;

  constructor(recipe: Recipe) {
    this.#recipe = recipe;
  }

  model(): ModelProto {
    for (const [index, { operator, seed }] of this.#recipe.steps.entries()) this.#step(operator, seed, `v${index}`);
    this.#tensors.push(constant("unused", [1, 2, 3]));
    if (this.#recipe.head) this.#head();
    else this.#nodes.push(node("Neg", [this.#newest], ["y"]));
    const documented = this.#nodes.map((one) => ({ ...one, docString: `made by ${one.opType ?? ""}` }));
    if (!this.#recipe.hidden)
      return network([...pictureDims], documented, this.#tensors, { opset: this.#recipe.opset });
    const hidden = this.#tensors.map((t) =>
      node("Constant", [], [t.name ?? ""], [onnxMessage("Attribute", { name: "value", t, type: 4 })]),
    );
    return network([...pictureDims], [...hidden, ...documented], [], { opset: this.#recipe.opset });
  }

  get #newest(): string {
    return this.#alike.at(-1) ?? "x";
  }

  #step(operator: Operator, seed: number, to: string): void {
    const from = this.#newest;
    const other = this.#alike[seed % this.#alike.length] ?? from;
    switch (operator) {
      case "Conv":
        this.#convolution(to, 1 + (seed % 5), 1, seed);
        return;
      case "depthwise":
        this.#convolution(to, this.#channels, this.#channels, seed);
        return;
      case "Clip":
        if (this.#recipe.opset < 11)
          this.#add(node("Clip", [from], [to], [floatAttribute("min", -0.2), floatAttribute("max", 1)]));
        else
          this.#add(
            node("Clip", [from, this.#constant(`${to}.min`, [-0.2], []), this.#constant(`${to}.max`, [1], [])], [to]),
          );
        return;
      case "BatchNormalization": {
        const parts = ["scale", "shift", "mean"].map((part, index) =>
          this.#weight(`${to}.${part}`, [this.#channels], seed + index),
        );
        const variance = this.#constant(
          `${to}.var`,
          Array.from({ length: this.#channels }, (_, c) => 0.5 + c),
        );
        this.#add(node("BatchNormalization", [from, ...parts, variance], [to]));
        return;
      }
      case "Add":
      case "Mul":
        this.#add(node(operator, [from, other], [to]));
        return;
      case "bias":
        this.#add(node("Add", [this.#weight(`${to}.b`, [1, this.#channels, 1, 1], seed), from], [to]));
        return;
      case "hard swish":
        this.#hardSwish(from, to);
        return;
      case "MaxPool":
        if (this.#size < 4) return;
        this.#add(
          node("MaxPool", [from], [to], [intsAttribute("kernel_shape", [2, 2]), intsAttribute("strides", [2, 2])]),
        );
        this.#size /= 2;
        this.#alike = [to];
        return;
      case "Concat":
        this.#add(node("Concat", [from, other], [to], [intAttribute("axis", 1)]));
        this.#channels *= 2;
        this.#alike = [to];
        return;
      case "LeakyRelu":
        this.#add(node("LeakyRelu", [from], [to], [floatAttribute("alpha", 0.1)]));
        return;
      case "Relu":
      case "Sigmoid":
      case "Identity":
      case "Dropout":
        this.#add(node(operator, [from], [to]));
    }
  }

  #convolution(to: string, outputs: number, group: number, seed: number): void {
    const from = this.#newest;
    const inputs = this.#channels / group;
    const input = [from, this.#weight(`${to}.w`, [outputs, inputs, 3, 3], seed)];
    if (seed % 3 > 0) input.push(this.#weight(`${to}.b`, [outputs], seed + 1));
    const attributes = [intsAttribute("pads", [1, 1, 1, 1]), intAttribute("group", group)];
    this.#nodes.push(node("Conv", input, [to], attributes));
    this.#alike = outputs === this.#channels ? [...this.#alike, to] : [to];
    this.#channels = outputs;
  }

  #hardSwish(from: string, to: string): void {
    const three = this.#constant(`${to}.three`, [3], []);
    const six = this.#constant(`${to}.six`, [6], []);
    const clip =
      this.#recipe.opset < 11
        ? node("Clip", [`${to}.shifted`], [`${to}.clipped`], [floatAttribute("min", 0), floatAttribute("max", 6)])
        : node("Clip", [`${to}.shifted`, this.#constant(`${to}.zero`, [0], []), six], [`${to}.clipped`]);
    this.#nodes.push(
      node("Add", [from, three], [`${to}.shifted`]),
      clip,
      node("Mul", [from, `${to}.clipped`], [`${to}.product`]),
    );
    this.#add(node("Div", [`${to}.product`, six], [to]));
  }

  #head(): void {
    const classes = this.#weight("head.w", [4, this.#channels], 3);
    this.#nodes.push(
      node("GlobalAveragePool", [this.#newest], ["pooled"]),
      node("Flatten", ["pooled"], ["flat"]),
      node("Gemm", ["flat", classes, this.#weight("head.b", [4], 4)], ["logits"], [intAttribute("transB", 1)]),
      node("Softmax", ["logits"], ["y"], [intAttribute("axis", 1)]),
    );
  }

  #add(one: NodeProto): void {
    this.#nodes.push(one);
    this.#alike = [...this.#alike, one.output[0] ?? ""];
  }

  #weight(name: string, dims: readonly number[], seed: number): string {
    this.#tensors.push(weight(name, dims, seed));
    return name;
  }

  #constant(name: string, values: readonly number[], dims?: readonly number[]): string {
    this.#tensors.push(constant(name, values, dims));
    return name;
  }
}
