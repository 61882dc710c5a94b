import { relative } from "node:path";
import type { TestSpecification } from "vitest/node";
import { BaseSequencer } from "vitest/node";

const longest = ["test/end-to-end/", "test/integration/", "test/equation/", "test/crash/"];

/**
 * Begins with the kinds of tests whose files take tens of seconds, so that no worker is left with one of them when the other has
 * nothing more to do. Within a kind vitest's own order stays: what failed, then what took long the last time, then the largest.
 */
export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const kind = ({ moduleId }: TestSpecification) => {
      const path = relative(this.ctx.config.root, moduleId);
      const place = longest.findIndex((folder) => path.startsWith(folder));
      return place === -1 ? longest.length : place;
    };
    return (await super.sort(files)).sort((one, other) => kind(one) - kind(other));
  }
}
