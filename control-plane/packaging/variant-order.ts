import type { JudgedVariant } from "./judged-variant.ts";
import type { ModelSpec } from "./model-spec.ts";
import { defaultVariants } from "./variant-defaults.ts";

/** Two variants are as fast as each other within this share: then the smaller file comes first. */
const asFast = 0.1;

/** The fastest first, as they were timed in turns on one machine. */
export function fastestFirst(variants: readonly JudgedVariant[]): readonly JudgedVariant[] {
  const left = variants.map((variant) => ({ variant, ms: variant.judged?.timed?.p50Ms ?? Number.POSITIVE_INFINITY }));
  const order: JudgedVariant[] = [];
  while (left.length > 0) {
    const fastest = Math.min(...left.map(({ ms }) => ms));
    const near = left.filter(({ ms }) => ms <= fastest * (1 + asFast));
    const next = near.reduce((a, b) => (b.variant.file.bytes.length < a.variant.file.bytes.length ? b : a));
    order.push(next.variant);
    left.splice(left.indexOf(next), 1);
  }
  return order;
}

/** In the order of the specification. */
export function asWritten(variants: readonly JudgedVariant[], spec: ModelSpec): readonly JudgedVariant[] {
  const place = new Map((spec.variants ?? defaultVariants()).map(({ id }, i) => [id, i]));
  return variants.toSorted((a, b) => (place.get(a.file.id) ?? 0) - (place.get(b.file.id) ?? 0));
}
