import { queryObjects, setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

setFlagsFromString("--expose-gc");
const collect = runInNewContext("gc") as () => void;

/** Bytes of this process's heap that something still refers to. */
export async function heapInUse(): Promise<number> {
  await collectAll();
  return process.memoryUsage().heapUsed;
}

/** How many objects there are of all classes: unlike bytes, what the engine compiles and caches is not among them. */
export async function objectsInUse(): Promise<number> {
  await collectAll();
  return queryObjects(Object, { format: "count" });
}

/** What finalizers and promises let go of in one round is collected in the next. */
async function collectAll(): Promise<void> {
  for (let round = 0; round < 3; round++) {
    collect();
    await new Promise((resolve) => setImmediate(resolve));
  }
}
