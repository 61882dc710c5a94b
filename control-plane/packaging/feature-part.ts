import type { TensorSpec } from "../../proto/manifest.ts";
import type { Channel } from "../../proto/measures/measure.ts";

/** The dimensions of one inference's part of an input: a number, or the name of a free one. */
export type RowShape = readonly (number | string)[];

/** A first dimension that is free or 1 counts inferences. */
export function rowShapeOf({ shape }: Pick<TensorSpec, "shape">): RowShape {
  const [leading, ...rest] = shape;
  return typeof leading === "string" || leading === 1 ? rest : shape;
}

export interface WantedPart {
  readonly channel?: number | undefined;
  readonly layout?: "channels-first" | "channels-last" | undefined;
}

/** The channel with its axis, and the shape of what is looked at; or why the row has no such part. */
export type FoundPart =
  | { readonly channel: Channel | undefined; readonly shape: RowShape }
  | { readonly problem: string };

export function findPart(row: RowShape, { channel, layout }: WantedPart): FoundPart {
  if (channel === undefined)
    return layout === undefined
      ? { channel, shape: row }
      : { problem: "layout says where the channels are, and no channel is named" };
  if (row.length < 2) return { problem: `there are no channels in [${row.join(", ")}]` };
  const axis = layout === undefined ? derivedAxis(row) : layout === "channels-first" ? "first" : "last";
  if (axis === undefined)
    return {
      problem: `the shape [${row.join(", ")}] does not tell which dimension the channels are; say layout: channels-first or channels-last`,
    };
  const channels = axis === "first" ? row[0] : row.at(-1);
  if (typeof channels === "string")
    return { problem: `the number of channels, "${channels}", is free; a channel can be named where it is fixed` };
  if (channels !== undefined && channel >= channels)
    return { problem: `channel ${channel} is beyond the ${channels} of [${row.join(", ")}]; the first is 0` };
  return { channel: { index: channel, axis }, shape: axis === "first" ? row.slice(1) : row.slice(0, -1) };
}

/**
 * An image has one to four channels at one of its ends; a series has far more steps than channels.
 *
 * Examples: [3, 224, 224] first; [224, 224, 3] last; [128, 9] last; [12, 5000] first; [4, 4, 3] and [20, 30] are not told.
 */
function derivedAxis(row: RowShape): "first" | "last" | undefined {
  const [first, last] = [row[0], row.at(-1)];
  const isFew = (size: number | string | undefined, other: number | string | undefined) =>
    typeof size === "number" && (row.length > 2 ? size <= 4 : typeof other === "string" || 4 * size <= Number(other));
  if (isFew(first, last) === isFew(last, first)) return undefined;
  return isFew(first, last) ? "first" : "last";
}
