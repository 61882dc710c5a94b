import { describe, expect, it } from "vitest";
import { cpuFlagsIn } from "../../../proto/cpu-flags.ts";

/**
 * /proc/cpuinfo as the kernel writes it for these boards' cores: the layout of arch/arm64/kernel/cpuinfo.c and arch/arm/kernel/setup.c,
 * the names of elf_hwcaps.rst, the extensions that Arm's manuals give each core. Written from these, not copied from boards.
 */
function processors(
  count: number,
  features: string,
  part: string,
  { implementer = "0x41", architecture = "8", first = 0 } = {},
): string {
  const one = (number: number) =>
    `processor\t: ${number}\nBogoMIPS\t: 108.00\nFeatures\t: ${features} \nCPU implementer\t: ${implementer}\n` +
    `CPU architecture: ${architecture}\nCPU variant\t: 0x0\nCPU part\t: ${part}\nCPU revision\t: 1\n\n`;
  return Array.from({ length: count }, (_, i) => one(first + i)).join("");
}

const named = (model: string) => `Hardware\t: BCM2835\nRevision\t: c03115\nSerial\t\t: 10000000\nModel\t\t: ${model}\n`;

const v8 = "fp asimd evtstrm aes pmull sha1 sha2 crc32";
const v82 = `${v8} atomics fphp asimdhp cpuid asimdrdm`;
const dotProduct = `${v82} lrcpc dcpop asimddp`;

const boards: readonly (readonly [name: string, cpuInfo: string, flags: readonly string[]])[] = [
  [
    "Raspberry Pi 3, Cortex-A53",
    processors(4, "fp asimd evtstrm crc32 cpuid", "0xd03") + named("Raspberry Pi 3 Model B Plus Rev 1.3"),
    ["asimd"],
  ],
  [
    "Raspberry Pi 4, Cortex-A72",
    processors(4, "fp asimd evtstrm crc32 cpuid", "0xd08") + named("Raspberry Pi 4 Model B Rev 1.5"),
    ["asimd"],
  ],
  [
    "Raspberry Pi 5, Cortex-A76",
    processors(4, dotProduct, "0xd0b") + named("Raspberry Pi 5 Model B Rev 1.0"),
    ["asimd", "asimddp", "asimdhp"],
  ],
  ["Jetson Nano, Cortex-A57", processors(4, v8, "0xd07"), ["asimd"]],
  [
    "Jetson Xavier, Carmel: half precision without dot products",
    processors(6, `${v82} dcpop`, "0x004", { implementer: "0x4e" }),
    ["asimd", "asimdhp"],
  ],
  [
    "Jetson Orin, Cortex-A78AE",
    processors(8, `${dotProduct} uscat ilrcpc flagm paca pacg`, "0xd42"),
    ["asimd", "asimddp", "asimdhp"],
  ],
  [
    "Graviton 3, Neoverse V1",
    processors(
      4,
      `${dotProduct} sha3 sm3 sm4 sha512 sve asimdfhm dit uscat ilrcpc flagm ssbs i8mm bf16 dgh rng`,
      "0xd40",
    ),
    ["asimd", "sve", "asimddp", "i8mm", "asimdhp", "asimdfhm", "bf16"],
  ],
  [
    "a board whose small cores lack what the large ones have, Cortex-A53 beside A76",
    processors(4, v8, "0xd03") + processors(4, dotProduct, "0xd0b", { first: 4 }),
    ["asimd"],
  ],
  [
    "Raspberry Pi 3 with a system of 32 bits",
    processors(4, "half thumb fastmult vfp edsp neon vfpv3 tls vfpv4 idiva idivt vfpd32 lpae evtstrm crc32", "0xd03", {
      architecture: "7",
    }) + named("Raspberry Pi 3 Model B Plus Rev 1.3"),
    ["neon"],
  ],
  [
    "Raspberry Pi Zero, ARM1176: no vectors at all",
    processors(1, "half thumb fastmult vfp edsp java tls", "0xb76", { architecture: "7" }) +
      named("Raspberry Pi Zero W Rev 1.1"),
    [],
  ],
  [
    "x86 with VNNI",
    "processor\t: 0\nmodel name\t: AMD EPYC\nflags\t\t: fpu sse2 fma f16c avx2 avx512f avx512_vnni avx512_bf16\nbugs\t\t: spectre_v1\n",
    ["avx2", "fma", "avx512f", "avx512_vnni", "f16c", "avx512_bf16"],
  ],
  [
    "x86 of 2012, without AVX2",
    "processor\t: 0\nflags\t\t: fpu sse4_2 avx f16c\nvmx flags\t: vnmi avx2\n\nprocessor\t: 1\nflags\t\t: fpu sse4_2 avx f16c\nvmx flags\t: vnmi avx2\n",
    ["f16c"],
  ],
];

describe("the flags of a processor", () => {
  it.each(boards)("%s", (_, cpuInfo, flags) => expect(cpuFlagsIn(cpuInfo)).toEqual(flags));

  it("are none where the system does not tell", () => expect(cpuFlagsIn("")).toEqual([]));
});
