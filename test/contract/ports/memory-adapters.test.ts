import { memoryDisk } from "../../../edge-agent/adapters/memory/memory-disk.ts";
import { memoryFileStore } from "../../../edge-agent/adapters/memory/memory-file-store.ts";
import { memorySpool } from "../../../edge-agent/adapters/memory/memory-spool.ts";
import { memoryStateStore } from "../../../edge-agent/adapters/memory/memory-state-store.ts";
import { systemRandom } from "../../../edge-agent/adapters/node/system-random.ts";
import { describeFileStore } from "./file-store-contract.ts";
import { describeSpool } from "./spool-contract.ts";
import { describeStateStore } from "./state-store-contract.ts";

const nothing = async () => {};
const disk = () => memoryDisk(`1-${systemRandom.hex(8)}`);

describeSpool("the spool in memory", async () => ({ spool: memorySpool(disk()), [Symbol.asyncDispose]: nothing }));

describeFileStore("the file store in memory", async () => ({
  files: memoryFileStore(disk()),
  [Symbol.asyncDispose]: nothing,
}));

describeStateStore("the state store in memory", async () => {
  const one = disk();
  return { open: async () => memoryStateStore(one), [Symbol.asyncDispose]: nothing };
});
