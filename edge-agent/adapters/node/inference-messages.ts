import type { Tensor } from "../../../proto/tensors.ts";

/**
 * What the daemon and its inference child say to each other, over a pipe of their own (descriptor `inferenceDescriptor` of the
 * child). A message is eight bytes, the lengths of what follows as two little-endian 32-bit numbers: the head, which is JSON, and
 * the bytes of the tensors that the head describes, in its order. Tensors are neither encoded nor copied on the way.
 */
export type InferenceRequest =
  | { readonly kind: "load"; readonly location: string; readonly outputs: readonly string[] }
  | { readonly kind: "infer"; readonly id: number; readonly inputs: readonly TensorHead[] };

export type InferenceReply =
  | { readonly kind: "loaded" }
  | { readonly kind: "not-loaded"; readonly reason: string }
  | { readonly kind: "outputs"; readonly id: number; readonly outputs: readonly TensorHead[] }
  | { readonly kind: "failed"; readonly id: number; readonly reason: string };

/** A tensor without its bytes, of which there are `size`. */
export type TensorHead = Omit<Tensor, "rawData"> & { readonly size: number };

export const inferenceDescriptor = 3;
export const prefixBytes = 8;

export function tensorHead({ name, dataType, dims, rawData }: Tensor): TensorHead {
  return { name, dataType, dims, size: rawData.length };
}

/** The lengths and the head: what is sent before the bytes of the tensors. */
export function messageHead(message: InferenceRequest | InferenceReply, tensorBytes: number): Buffer {
  const text = JSON.stringify(message);
  const length = Buffer.byteLength(text);
  const head = Buffer.allocUnsafe(prefixBytes + length);
  head.writeUInt32LE(length, 0);
  head.writeUInt32LE(tensorBytes, 4);
  head.write(text, prefixBytes, "utf8");
  return head;
}
