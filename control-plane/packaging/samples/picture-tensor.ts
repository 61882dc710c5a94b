import type { TensorSpec } from "../../../proto/manifest.ts";
import type { Tensor } from "../../../proto/tensors.ts";
import { tensorOf } from "../tensor-of.ts";
import type { ImageOptions } from "./image-options.ts";
import type { Picture } from "./resize-bilinear.ts";
import { resizeBilinear } from "./resize-bilinear.ts";

/** What an input wants of an image. */
export interface PictureShape {
  readonly layout: "NCHW" | "NHWC";
  readonly channels: 1 | 3;
  /** Undefined where both model and options leave it free. */
  readonly width: number | undefined;
  readonly height: number | undefined;
}

/**
 * How the input's shape and the options are to be read, or why images cannot feed it.
 *
 * Example: [batch, 3, 48, W] is NCHW with three channels, 48 pixels high, of any width.
 */
export function pictureShape(spec: TensorSpec, options: ImageOptions): PictureShape | string {
  const [batch, ...sizes] = spec.shape;
  const shown = `input "${spec.name}" of shape [${spec.shape.join(", ")}]`;
  const [first, , third] = sizes;
  if (sizes.length !== 3 || (typeof batch === "number" && batch !== 1))
    return `images feed one input of four dimensions with a batch of one, not ${shown}`;
  const layout = options.layout ?? (isChannels(first) ? "NCHW" : isChannels(third) ? "NHWC" : undefined);
  if (layout === undefined) return `say layout: NCHW or NHWC for ${shown}`;
  const [channels, height, width] = layout === "NCHW" ? sizes : [third, first, sizes[1]];
  if (!isChannels(channels)) return `${shown} has ${channels} channels in the layout ${layout}; images give 1 or 3`;
  for (const [what, declared, wished] of [
    ["height", height, options.height],
    ["width", width, options.width],
  ] as const)
    if (typeof declared === "number" && wished !== undefined && declared !== wished)
      return `the ${what} of ${shown} is ${declared}, the options say ${wished}`;
  const lengths = [options.mean, options.std].filter((list) => list !== undefined).map((list) => list.length);
  const wrong = lengths.find((length) => length !== 1 && length !== channels);
  if (wrong !== undefined) return `mean and std must have 1 or ${channels} numbers, not ${wrong}`;
  return {
    layout,
    channels,
    height: typeof height === "number" ? height : options.height,
    width: typeof width === "number" ? width : options.width,
  };
}

function isChannels(size: number | string | undefined): size is 1 | 3 {
  return size === 1 || size === 3;
}

/** The image as the input: resized, its colours ordered, normalised, in the input's layout. */
export function pictureTensor(picture: Picture, spec: TensorSpec, shape: PictureShape, options: ImageOptions): Tensor {
  const { width, height, inner } = sizesFor(picture, shape, options);
  const resized = resizeBilinear(picture, inner.width, inner.height);
  const channels = channelsOf(resized, shape.channels, options.colours ?? "RGB");
  const floats = spec.dataType === "float32" || spec.dataType === "float64";
  const scale = options.scale ?? (floats ? 1 / 255 : 1);
  const values = new Float64Array(shape.channels * width * height).fill(options.padValue ?? 0);
  for (const [c, channel] of channels.entries()) {
    const mean = options.mean?.[c] ?? options.mean?.[0] ?? 0;
    const std = options.std?.[c] ?? options.std?.[0] ?? 1;
    for (let y = 0; y < inner.height; y++)
      for (let x = 0; x < inner.width; x++) {
        const value = ((channel[y * inner.width + x] as number) * scale - mean) / std;
        const at = shape.layout === "NCHW" ? (c * height + y) * width + x : (y * width + x) * shape.channels + c;
        values[at] = floats ? value : Math.round(value);
      }
  }
  const dims = shape.layout === "NCHW" ? [1, shape.channels, height, width] : [1, height, width, shape.channels];
  return tensorOf(spec.name, spec.dataType, dims, values);
}

interface Size {
  readonly width: number;
  readonly height: number;
}

/** The size of the tensor, and of the image within it. */
function sizesFor(
  picture: Size,
  shape: PictureShape,
  { fit = "stretch" }: ImageOptions,
): Size & { readonly inner: Size } {
  const proportional = (size: number, from: number, to: number): number => Math.max(1, Math.round((size * to) / from));
  const { width: w, height: h } = shape;
  const width = w ?? (h === undefined ? picture.width : proportional(picture.width, picture.height, h));
  const height = h ?? (w === undefined ? picture.height : proportional(picture.height, picture.width, w));
  if (fit === "stretch") return { width, height, inner: { width, height } };
  const factor = Math.min(width / picture.width, height / picture.height);
  const within = (size: number, most: number): number => Math.min(most, Math.max(1, Math.round(size * factor)));
  return { width, height, inner: { width: within(picture.width, width), height: within(picture.height, height) } };
}

/** Grey by ITU-R BT.601: 0.299 red + 0.587 green + 0.114 blue. */
function channelsOf({ width, height, values }: Picture, count: 1 | 3, colours: "RGB" | "BGR"): readonly Float32Array[] {
  const channel = (of: (r: number, g: number, b: number) => number): Float32Array =>
    Float32Array.from({ length: width * height }, (_, i) =>
      of(values[i * 3] as number, values[i * 3 + 1] as number, values[i * 3 + 2] as number),
    );
  if (count === 1) return [channel((r, g, b) => (299 * r + 587 * g + 114 * b) / 1000)];
  const [red, green, blue] = [channel((r) => r), channel((_r, g) => g), channel((_r, _g, b) => b)];
  return colours === "RGB" ? [red, green, blue] : [blue, green, red];
}
