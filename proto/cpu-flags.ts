/**
 * The flags of a processor that decide which variants are possible or fast on it, under Linux's names (proc_cpuinfo(5); for ARM
 * Documentation/arch/arm64/elf_hwcaps.rst, where HWCAP_ASIMDDP is `asimddp`). Devices tell these and no others, so a variant can ask
 * for these and no others; a processor names a hundred more.
 */
export const knownCpuFlags = [
  // x86: width of vectors, then products of int8, then half precision
  "avx2",
  "fma",
  "avx512f",
  "avx512_vnni",
  "avx_vnni",
  "avx_vnni_int8",
  "amx_int8",
  "f16c",
  "avx512_bf16",
  "avx512_fp16",
  // ARM of 32 bits
  "neon",
  // ARM of 64 bits: vectors, then products of int8 (dot product, matrices), then half precision
  "asimd",
  "sve",
  "asimddp",
  "i8mm",
  "asimdhp",
  "asimdfhm",
  "bf16",
  // WebAssembly in a browser
  "simd128",
] as const;

/**
 * From the text of Linux's /proc/cpuinfo: x86 says `flags`, ARM says `Features`, once for each processor. Only what every processor
 * has: a thread may run on any, and boards with cores of two kinds are common.
 */
export function cpuFlagsIn(cpuInfo: string): string[] {
  const processors = [...cpuInfo.matchAll(/^(?:flags|Features)[ \t]*:(.*)$/gm)].map(
    (match) => new Set((match[1] ?? "").trim().split(/\s+/)),
  );
  return knownCpuFlags.filter((flag) => processors.length > 0 && processors.every((flags) => flags.has(flag)));
}
