import { float16OfFloat32 } from "../../../proto/float16.ts";
import type { TensorType } from "../../../proto/tensors.ts";

/** Writes a number as an element of the type, little-endian: whole and within the type's range where the type is of whole numbers. */
export type ElementWriter = (view: DataView, offset: number, value: number) => void;

export const elementWriters: Readonly<Record<TensorType, ElementWriter>> = {
  float32: (view, offset, value) => view.setFloat32(offset, value, true),
  float64: (view, offset, value) => view.setFloat64(offset, value, true),
  int8: (view, offset, value) => view.setInt8(offset, whole(value, -128, 127)),
  uint8: (view, offset, value) => view.setUint8(offset, whole(value, 0, 255)),
  bool: (view, offset, value) => view.setUint8(offset, value > 0 ? 1 : 0),
  int16: (view, offset, value) => view.setInt16(offset, whole(value, -(2 ** 15), 2 ** 15 - 1), true),
  uint16: (view, offset, value) => view.setUint16(offset, whole(value, 0, 2 ** 16 - 1), true),
  float16: (view, offset, value) => view.setUint16(offset, float16Of(value), true),
  uint32: (view, offset, value) => view.setUint32(offset, whole(value, 0, 2 ** 32 - 1), true),
  uint64: (view, offset, value) => view.setBigUint64(offset, BigInt(whole(value, 0, Number.MAX_SAFE_INTEGER)), true),
  int32: (view, offset, value) => view.setInt32(offset, whole(value, -(2 ** 31), 2 ** 31 - 1), true),
  int64: (view, offset, value) =>
    view.setBigInt64(offset, BigInt(whole(value, Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER)), true),
};

/** How large a hash may be in each type: every whole number below 2 to this power has an element of its own. */
export const hashBits: Readonly<Record<TensorType, number>> = {
  float32: 24,
  float64: 24,
  int8: 7,
  uint8: 8,
  bool: 1,
  int16: 15,
  uint16: 16,
  float16: 11,
  int32: 24,
  uint32: 24,
  int64: 24,
  uint64: 24,
};

const notANumber16 = 0x7e00;

function float16Of(value: number): number {
  if (Number.isNaN(value)) return notANumber16;
  const bits = new DataView(new ArrayBuffer(4));
  bits.setFloat32(0, value);
  return float16OfFloat32(bits.getUint32(0));
}

function whole(value: number, least: number, most: number): number {
  return Math.min(most, Math.max(least, Math.round(value)));
}
