import type { Random } from "../core/ports.ts";
import type { Tensor } from "../../proto/tensors.ts";

/** What may happen to a camera: its lens, its sensor, its light, its mounting. */
export const disturbances = ["none", "blur", "noise", "dark", "shift"] as const;
export type Disturbance = (typeof disturbances)[number];

/** The last two dimensions of a tensor are an image; the leading ones count images. */
interface Images {
  readonly values: Float32Array;
  readonly height: number;
  readonly width: number;
}

/** The same input through a disturbed camera. Only float32 images are disturbed; everything else passes as it is. */
export function disturbed(tensor: Tensor, effect: Disturbance, random: Random): Tensor {
  if (effect === "none" || tensor.dataType !== "float32" || tensor.dims.length < 2) return tensor;
  const values = new Float32Array(new Uint8Array(tensor.rawData).buffer);
  const [height, width] = [tensor.dims.at(-2) ?? 1, tensor.dims.at(-1) ?? 1];
  const changed = effects[effect]({ values, height, width }, random);
  return { ...tensor, rawData: new Uint8Array(changed.buffer) };
}

const effects: Readonly<Record<Exclude<Disturbance, "none">, (images: Images, random: Random) => Float32Array>> = {
  blur: (images) => boxBlur({ ...images, values: boxBlur(images) }),
  noise: ({ values }, random) => values.map((value) => clamped(value + 0.25 * gaussian(random))),
  dark: ({ values }) => values.map((value) => 0.35 * value),
  shift: (images) => moved(images, Math.round(images.height / 7), Math.round(images.width / 7)),
};

/** Each pixel becomes the mean of the 3 x 3 pixels around it; beyond the border there is nothing, so fewer are taken there. */
function boxBlur({ values, height, width }: Images): Float32Array {
  const size = height * width;
  return values.map((_, at) => {
    const image = at - (at % size);
    const [y, x] = [Math.floor((at % size) / width), at % width];
    let sum = 0;
    let count = 0;
    for (let row = Math.max(0, y - 1); row <= Math.min(height - 1, y + 1); row++)
      for (let column = Math.max(0, x - 1); column <= Math.min(width - 1, x + 1); column++) {
        sum += values[image + row * width + column] as number;
        count++;
      }
    return sum / count;
  });
}

/** Down and to the right; what comes in is 0. */
function moved({ values, height, width }: Images, down: number, right: number): Float32Array {
  const size = height * width;
  return values.map((_, at) => {
    const [y, x] = [Math.floor((at % size) / width) - down, (at % width) - right];
    return y < 0 || x < 0 ? 0 : (values[at - (at % size) + y * width + x] as number);
  });
}

/** A standard normal number (Box and Muller 1958). */
function gaussian(random: Random): number {
  return Math.sqrt(-2 * Math.log(1 - random.next())) * Math.cos(2 * Math.PI * random.next());
}

function clamped(value: number): number {
  return Math.min(1, Math.max(0, value));
}
