import type { StateStore } from "../../core/ports.ts";
import type { MemoryDisk } from "./memory-disk.ts";
import { refuseWhenFull } from "./memory-disk.ts";

export function memoryStateStore(disk: MemoryDisk): StateStore {
  return {
    load: async () => disk.state,
    async save(state) {
      refuseWhenFull(disk);
      disk.state = structuredClone(state);
    },
  };
}
