import type { Problems } from "../../../proto/problems.ts";

/** How an image becomes an input. Parts that are left out get the defaults named here. */
export interface ImageOptions {
  /** Order of the dimensions after the batch: found in the shape where it is left out (a dimension of 1 or 3 is the channels). */
  readonly layout?: "NCHW" | "NHWC";
  /** Pixels, where the model leaves them free. With one of the two the other keeps the image's proportions. */
  readonly width?: number;
  readonly height?: number;
  /** "stretch" (default) to the size; "pad" keeps the proportions and fills what remains at the right and below. */
  readonly fit?: "stretch" | "pad";
  /** What "pad" fills with, in the units of the input. Default 0. */
  readonly padValue?: number;
  readonly colours?: "RGB" | "BGR";
  /** input = (pixel · scale - mean) / std, pixels from 0 to 255. Default 1/255, or 1 for an input of integers. */
  readonly scale?: number;
  /** One number, or one for each channel. Default 0 and 1. */
  readonly mean?: readonly number[];
  readonly std?: readonly number[];
}

const choices = { layout: ["NCHW", "NHWC"], fit: ["stretch", "pad"], colours: ["RGB", "BGR"] } as const;
const numbers = ["width", "height", "padValue", "scale"] as const;
const lists = ["mean", "std"] as const;
const known: readonly string[] = [...Object.keys(choices), ...numbers, ...lists];

/** Reads options out of foreign data (YAML, JSON). Notes every mistake under `path`; undefined when there is one. */
export function parseImageOptions(value: unknown, path: string, problems: Problems): ImageOptions | undefined {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    problems.add(path, "must be a mapping such as { layout: NCHW, mean: [0.5], std: [0.5] }");
    return undefined;
  }
  const before = problems.list.length;
  const raw = value as Readonly<Record<string, unknown>>;
  for (const key of Object.keys(raw))
    if (!known.includes(key)) problems.add(`${path}.${key}`, `is not known; there are ${known.join(", ")}`);
  const parsed = {
    ...choice(raw, "layout", path, problems),
    ...choice(raw, "fit", path, problems),
    ...choice(raw, "colours", path, problems),
    ...Object.assign({}, ...numbers.map((key) => numberAt(raw, key, path, problems))),
    ...Object.assign({}, ...lists.map((key) => listAt(raw, key, path, problems))),
  } as ImageOptions;
  for (const key of ["width", "height"] as const) {
    const size = parsed[key];
    if (size !== undefined && !(Number.isInteger(size) && size >= 1 && size <= 16_384))
      problems.add(`${path}.${key}`, `${size} is not a number of pixels from 1 to 16384`);
  }
  if (parsed.std?.includes(0)) problems.add(`${path}.std`, "must not be 0: the input would be infinite");
  return problems.list.length > before ? undefined : parsed;
}

type Raw = Readonly<Record<string, unknown>>;

function choice(raw: Raw, key: keyof typeof choices, path: string, problems: Problems): Raw {
  const value = raw[key];
  if (value === undefined) return {};
  if ((choices[key] as readonly unknown[]).includes(value)) return { [key]: value };
  problems.add(`${path}.${key}`, `must be one of ${choices[key].join(", ")}`);
  return {};
}

function numberAt(raw: Raw, key: string, path: string, problems: Problems): Raw {
  const value = raw[key];
  if (value === undefined) return {};
  if (typeof value === "number" && Number.isFinite(value)) return { [key]: value };
  problems.add(`${path}.${key}`, "must be a number");
  return {};
}

function listAt(raw: Raw, key: string, path: string, problems: Problems): Raw {
  const value = raw[key];
  if (value === undefined) return {};
  const list: readonly unknown[] = Array.isArray(value) ? value : [value];
  if (list.length > 0 && list.every((one) => typeof one === "number" && Number.isFinite(one))) return { [key]: list };
  problems.add(`${path}.${key}`, "must be a number, or a list of one for each channel");
  return {};
}
