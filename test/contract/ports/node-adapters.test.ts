import { openFileSpool } from "../../../edge-agent/adapters/node/file-spool.ts";
import { openFileStore } from "../../../edge-agent/adapters/node/file-store.ts";
import { openStateStore } from "../../../edge-agent/adapters/node/state-store.ts";
import { systemRandom } from "../../../edge-agent/adapters/node/system-random.ts";
import { logLines } from "../../support/log-lines.ts";
import { temporaryDirectory } from "../../support/temporary-directory.ts";
import { describeFileStore } from "./file-store-contract.ts";
import { describeSpool } from "./spool-contract.ts";
import { describeStateStore } from "./state-store-contract.ts";

describeSpool("the spool in files", async () => {
  const directory = await temporaryDirectory();
  const spool = await openFileSpool({ directory: directory.path, random: systemRandom, log: logLines() });
  return {
    spool,
    async [Symbol.asyncDispose]() {
      await spool[Symbol.asyncDispose]();
      await directory[Symbol.asyncDispose]();
    },
  };
});

describeFileStore("the file store in a directory", async () => {
  const directory = await temporaryDirectory();
  const files = await openFileStore({ directory: directory.path });
  return { files, [Symbol.asyncDispose]: () => directory[Symbol.asyncDispose]() };
});

describeStateStore("the state store in two slots", async () => {
  const directory = await temporaryDirectory();
  return {
    open: () => openStateStore({ directory: directory.path, log: logLines() }),
    [Symbol.asyncDispose]: () => directory[Symbol.asyncDispose](),
  };
});
