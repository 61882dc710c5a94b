import type { RolloutDetail } from "../http/views.ts";
import { describePhase, describeStage, isOver } from "./rollout-summary.ts";

/** What is new in a rollout since it was looked at last, one line each; for logs and pipes. `before` is undefined the first time. */
export function rolloutNews(before: RolloutDetail | undefined, after: RolloutDetail): readonly string[] {
  const news: string[] = [];
  const phase = describePhase(after);
  const moved = before === undefined || describePhase(before) !== phase;
  if (moved && !isOver(after.phase)) news.push(phase);
  for (const [i, { name }] of after.spec.stages.entries()) {
    const now = describeStage(after, i);
    const isNew =
      before === undefined ? after.updates.some(({ stage }) => stage === i) : describeStage(before, i) !== now;
    if (isNew) news.push(`stage ${name}: ${now}`);
  }
  for (const { gate, verdict, reason } of after.decision?.gates ?? []) {
    const earlier = before?.decision?.gates.find((other) => other.gate === gate);
    // The reason of a pending gate changes with every number that comes in.
    if (earlier?.verdict !== verdict) news.push(`gate ${gate}: ${verdict} (${reason})`);
  }
  // An end is the last word.
  if (moved && isOver(after.phase)) news.push(phase);
  return news;
}
