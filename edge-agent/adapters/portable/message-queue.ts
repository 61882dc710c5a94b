/** Carries items from a callback to `for await`, in order; `end` lets the reader finish what is there and then stop. */
export interface MessageQueue<T> extends AsyncIterable<T> {
  push(item: T): void;
  end(): void;
}

export function messageQueue<T>(): MessageQueue<T> {
  const items: T[] = [];
  let isEnded = false;
  let wake: (() => void) | undefined;
  const changed = () => {
    wake?.();
    wake = undefined;
  };
  return {
    push(item) {
      if (isEnded) return;
      items.push(item);
      changed();
    },
    end() {
      isEnded = true;
      changed();
    },
    async *[Symbol.asyncIterator]() {
      for (;;) {
        while (items.length > 0) yield items.shift() as T;
        if (isEnded) return;
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
    },
  };
}
