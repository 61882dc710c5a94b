import type { FileOperations, OpenFile } from "../../edge-agent/adapters/node/file-operations.ts";
import { afterProof } from "../../edge-agent/core/trial-attempts.ts";
import type { AgentState, ModelState } from "../../edge-agent/core/agent-state.ts";
import type { Digest } from "../../proto/ids.ts";
import type { Defect } from "./crash-world.ts";
import { factoryDirectory } from "./lossy-factory.ts";

/** A mistake that somebody could make, and the scenario in which it must be noticed. */
export interface SeededDefect extends Defect {
  readonly name: string;
  readonly scenario: string;
}

const success = "an update that succeeds";
const inShadow = "an update that runs in shadow before its trial";
const delta = "an update that comes as a delta";
const chunks = "an update whose file comes in chunks";
const quota = "telemetry that outgrows its quota while the network is away";

export const seededDefects: readonly SeededDefect[] = [
  { name: "a downloaded file is not synced", scenario: success, disk: withoutFileSync(/\.part$/) },
  { name: "a file that came in chunks is not synced", scenario: chunks, disk: withoutFileSync(/\.part$/) },
  { name: "a file made from a delta is not synced", scenario: delta, disk: withoutFileSync(/\.part$/) },
  { name: "the directory of the files is not synced", scenario: success, disk: withoutDirectorySync(/\/sha256\/..$/) },
  { name: "a new directory of files is not synced", scenario: success, disk: withoutDirectorySync(/\/sha256$/) },
  { name: "a file has its name before its content is durable", scenario: success, disk: syncedAfterRename(/\.part$/) },
  { name: "the state is not synced", scenario: success, disk: withoutFileSync(/state\.[ab]$/) },
  {
    name: "the directory of the agent's data is not synced",
    scenario: "the first model of a device",
    disk: withoutDirectorySync(/^\/data$/),
  },
  { name: "the state is written in place, in one slot", scenario: success, disk: inOneSlot },
  {
    name: "a save is reported before it is made",
    scenario: success,
    state: (store) => ({ load: () => store.load(), save: async (state) => afterwards(() => store.save(state)) }),
  },
  { name: "an attempt is counted after it has begun", scenario: success, ports: attemptsCountedLate },
  {
    name: "an attempt is given back too early",
    scenario: success,
    ports: (ports) => ({
      ...ports,
      state: {
        load: () => ports.state.load(),
        save: (state) => ports.state.save({ ...state, models: state.models.map(withTrialForgiven) }),
      },
    }),
  },
  {
    name: "the old model goes before the new one is saved",
    scenario: success,
    ports: (ports) => ({
      ...ports,
      state: {
        load: () => ports.state.load(),
        async save(state) {
          const old = (await savedBefore(ports.state, state)) ?? [];
          for (const file of old) await ports.files.remove(file);
          await ports.state.save(state);
        },
      },
    }),
  },
  {
    name: "the old model goes when the new one is in shadow",
    scenario: inShadow,
    ports: (ports) => droppingInShadow(ports, ({ active }) => active?.file),
  },
  {
    name: "the file of what is in shadow is garbage",
    scenario: inShadow,
    ports: (ports) =>
      droppingInShadow(ports, ({ candidate }) =>
        candidate?.stage.kind === "shadow" ? candidate.stage.slot.file : undefined,
      ),
  },
  {
    name: "that a candidate is in shadow is not written down",
    scenario: inShadow,
    state: (store) => ({
      load: () => store.load(),
      save: (state) => store.save({ ...state, models: state.models.map(withoutShadow) }),
    }),
  },
  {
    name: "a quarantine is remembered in memory alone",
    scenario: "an update whose first variant gives way to the second",
    ports: (ports) => ({
      ...ports,
      state: {
        load: () => ports.state.load(),
        save: (state) =>
          ports.state.save({ ...state, models: state.models.map((model) => ({ ...model, quarantined: [] })) }),
      },
    }),
  },
  {
    name: "what came with the device is collected like what was fetched",
    scenario: "the first model of a device that came with another",
    disk: (disk) => ({
      ...methodsOf(disk),
      list: async (directory, deep) => {
        const found = await disk.list(directory, deep);
        return directory.endsWith("/sha256") ? [...found, ...(await disk.list(factoryDirectory))] : found;
      },
      remove: async (path) => {
        await disk.remove(path);
        await disk.remove(path.replace(/^.*\//, `${factoryDirectory}/`));
      },
    }),
  },
  { name: "a lifecycle event is not synced", scenario: success, disk: withoutFileSync(/lifecycle\/.*\.seg$/) },
  {
    name: "windows leave the device before they are synced",
    scenario: quota,
    disk: withoutFileSync(/windows\/.*\.seg$/),
  },
  {
    name: "the directory of a lane is not synced",
    scenario: quota,
    disk: withoutDirectorySync(/\/spool\/(windows|lifecycle|samples|health|logs)$/),
  },
  {
    name: "a tombstone is not synced before it replaces what it stands for",
    scenario: quota,
    disk: withoutFileSync(/\.seg\.tmp$/),
  },
  { name: "a tombstone takes its name before it is durable", scenario: quota, disk: syncedAfterRename(/\.seg\.tmp$/) },
  {
    name: "the epoch is not synced",
    scenario: "the first model of a device",
    disk: withoutFileSync(/epoch\.tmp$/),
  },
  {
    name: "the control plane acknowledges before it commits",
    scenario: success,
    control: "acknowledges-before-it-commits",
  },
];

function withoutFileSync(path: RegExp): (disk: FileOperations) => FileOperations {
  return (disk) => ({
    ...methodsOf(disk),
    open: async (name, access, mode) => {
      const file = await disk.open(name, access, mode);
      return path.test(name) ? { ...file, async sync() {}, async datasync() {} } : file;
    },
  });
}

function withoutDirectorySync(path: RegExp): (disk: FileOperations) => FileOperations {
  return (disk) => ({
    ...methodsOf(disk),
    syncDirectory: async (name) => {
      if (!path.test(name)) await disk.syncDirectory(name);
    },
  });
}

/** The order of two steps swapped: fsync waits for the rename. */
function syncedAfterRename(path: RegExp): (disk: FileOperations) => FileOperations {
  return (disk) => {
    const waiting = new Map<string, OpenFile>();
    return {
      ...methodsOf(disk),
      open: async (name, access, mode) => {
        const file = await disk.open(name, access, mode);
        return path.test(name) ? { ...file, sync: async () => void waiting.set(name, file) } : file;
      },
      rename: async (from, to) => {
        await disk.rename(from, to);
        await waiting.get(from)?.sync();
      },
    };
  };
}

function inOneSlot(disk: FileOperations): FileOperations {
  const one = (name: string) => name.replace(/state\.b$/, "state.a");
  return {
    ...methodsOf(disk),
    open: (name, access, mode) => disk.open(one(name), access, mode),
    readFile: (name) => disk.readFile(one(name)),
  };
}

/** A state that only counts an attempt is saved when the worker runs already. */
function attemptsCountedLate(ports: Parameters<NonNullable<Defect["ports"]>>[0]) {
  let late: AgentState | undefined;
  return {
    ...ports,
    state: {
      load: () => ports.state.load(),
      async save(state: AgentState) {
        late = state.models.some(({ candidate }) => candidate?.stage.kind === "preflight") ? state : undefined;
        if (late === undefined) await ports.state.save(state);
      },
    },
    runtime: {
      ...ports.runtime,
      start: async (...args: Parameters<typeof ports.runtime.start>) => {
        const worker = await ports.runtime.start(...args);
        if (late !== undefined) await ports.state.save(late);
        late = undefined;
        return worker;
      },
    },
  };
}

function withTrialForgiven(model: ModelState): ModelState {
  const { candidate } = model;
  if (candidate?.stage.kind !== "trial") return model;
  return { ...model, candidate: { ...candidate, stage: afterProof(candidate.stage) } };
}

/** A file of the model goes when its candidate has come into shadow. */
function droppingInShadow(
  ports: Parameters<NonNullable<Defect["ports"]>>[0],
  fileOf: (model: ModelState) => Digest | undefined,
): typeof ports {
  return {
    ...ports,
    state: {
      load: () => ports.state.load(),
      async save(state) {
        await ports.state.save(state);
        for (const model of state.models) {
          const file = model.candidate?.stage.kind === "shadow" ? fileOf(model) : undefined;
          if (file !== undefined) await ports.files.remove(file);
        }
      },
    },
  };
}

/** As one would be that has passed its golden set and no more. */
function withoutShadow(model: ModelState): ModelState {
  const { candidate } = model;
  if (candidate?.stage.kind !== "shadow") return model;
  const { slot, attempt } = candidate.stage;
  return { ...model, candidate: { ...candidate, stage: { kind: "preflight", slot, attempt } } };
}

/** The files of slots that the state on the disk names and the next one does not keep as active. */
async function savedBefore({ load }: { readonly load: () => Promise<AgentState | undefined> }, next: AgentState) {
  const before = (await load())?.models[0]?.active;
  return before === undefined || before.package === next.models[0]?.active?.package ? undefined : [before.file];
}

/** In a later turn of the event loop's microtasks: after whatever the caller does at once. */
function afterwards(act: () => Promise<void>): void {
  let turns = Promise.resolve();
  for (let i = 0; i < 50; i++) turns = turns.then(() => undefined);
  void turns.then(act);
}

/** An object of a class has its methods on the prototype: a spread would leave them behind. */
function methodsOf(disk: FileOperations): FileOperations {
  return {
    open: (...args) => disk.open(...args),
    readFile: (...args) => disk.readFile(...args),
    entry: (...args) => disk.entry(...args),
    list: (...args) => disk.list(...args),
    makeDirectory: (...args) => disk.makeDirectory(...args),
    rename: (...args) => disk.rename(...args),
    remove: (...args) => disk.remove(...args),
    makeReadOnly: (...args) => disk.makeReadOnly(...args),
    syncDirectory: (...args) => disk.syncDirectory(...args),
    freeBytes: (...args) => disk.freeBytes(...args),
  };
}
