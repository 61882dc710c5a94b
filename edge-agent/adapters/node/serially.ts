/** Runs tasks one after the other, in the order in which they were given; one that fails does not stop the next. */
export function serially(): <T>(task: () => Promise<T>) => Promise<T> {
  let last: Promise<unknown> = Promise.resolve();
  return (task) => {
    const result = last.then(task, task);
    last = result;
    // The caller handles its own result; the chain only waits for it.
    result.catch(() => undefined);
    return result;
  };
}
