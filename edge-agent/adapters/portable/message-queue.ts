/** Carries items from a callback to `for await`, in order; `end` lets the reader finish what is there and then stop. */
export interface MessageQueue<T> extends AsyncIterable<T> {
  /** False, and nothing pushed, where so many bytes beside those that wait are too many. One that waits alone is never too large. */
  push(item: T, bytes: number): boolean;
  end(): void;
}

export function messageQueue<T>(mostBytes: number): MessageQueue<T> {
  const items: { readonly item: T; readonly bytes: number }[] = [];
  let waitingBytes = 0;
  let isEnded = false;
  let wake: (() => void) | undefined;
  const changed = () => {
    wake?.();
    wake = undefined;
  };
  return {
    push(item, bytes) {
      if (isEnded) return true;
      if (items.length > 0 && waitingBytes + bytes > mostBytes) return false;
      items.push({ item, bytes });
      waitingBytes += bytes;
      changed();
      return true;
    },
    end() {
      isEnded = true;
      changed();
    },
    async *[Symbol.asyncIterator]() {
      for (;;) {
        for (let next = items.shift(); next !== undefined; next = items.shift()) {
          waitingBytes -= next.bytes;
          yield next.item;
        }
        if (isEnded) return;
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
    },
  };
}
