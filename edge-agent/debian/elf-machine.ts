import { open } from "node:fs/promises";

/** Debian's names of the architectures that the agent is packaged for. */
export const architectures = ["amd64", "arm64"] as const;
export type Architecture = (typeof architectures)[number];

/** How the GNU tools for each are named. */
export const gnuNames: Readonly<Record<Architecture, string>> = {
  amd64: "x86_64-linux-gnu",
  arm64: "aarch64-linux-gnu",
};

/** What whoever names another program is told. */
export function notPackaged(node: string): string {
  return (
    `${node} is no Linux program of ${architectures.join(" or ")}: there is no package for other processors. On those, 32-bit ARM among ` +
    "them, the agent is installed with npm and runs models as WebAssembly"
  );
}

/** e_machine of elf(5): EM_X86_64 and EM_AARCH64. */
const machines: Readonly<Record<number, Architecture>> = { 62: "amd64", 183: "arm64" };

/** For which architecture a program was made; undefined for everything that is no 64-bit little-endian ELF file of one of them. */
export async function elfMachine(path: string): Promise<Architecture | undefined> {
  const file = await open(path, "r");
  try {
    const head = Buffer.alloc(20);
    const { bytesRead } = await file.read(head, 0, head.length, 0);
    const isElf = bytesRead === head.length && head.subarray(0, 6).equals(Buffer.from([0x7f, 0x45, 0x4c, 0x46, 2, 1]));
    return isElf ? machines[head.readUInt16LE(18)] : undefined;
  } finally {
    await file.close();
  }
}
