/** Runs tasks one after the other, in the order in which they were given; one that fails does not stop the next. */
export function inTurn(): <T>(task: () => Promise<T>) => Promise<T> {
  let last: Promise<unknown> = Promise.resolve();
  return (task) => {
    const result = last.then(task, task);
    // The caller handles its own failure; the chain only waits for it.
    last = result.catch(() => undefined);
    return result;
  };
}
