const mostCharacters = 1_024;

/** `+` and `#` stand for whole levels, and `#` is the last. [MQTT-4.7.1-2, MQTT-4.7.1-3] */
export function isTopicFilter(text: string): text is string {
  if (text.length === 0 || text.length > mostCharacters) return false;
  const levels = text.split("/");
  return levels.every((level, i) => level === "+" || (level === "#" && i === levels.length - 1) || !/[+#]/.test(level));
}

export function isAnswerTopic(text: string): text is string {
  return text.length > 0 && text.length <= mostCharacters && !/[+#]/.test(text);
}

/** Where the answer to an input goes. Example: "{topic}/answer" for "door/camera" is "door/camera/answer". */
export function answerTopicFor(answerTopic: string, topic: string): string {
  return answerTopic.replaceAll("{topic}", () => topic);
}

/**
 * Whether a topic can exist that both let through. `+` stands for one level and `#` for any number of them, also in the middle:
 * a filter that was put into an answer's topic has it there.
 *
 * Example: "door/+" and "door/+/answer" have none in common; "+/door/#" and "answer/+/door/#" have "answer/door/door".
 */
export function topicsOverlap(one: string, other: string): boolean {
  return levelsOverlap(one.split("/"), other.split("/"));
}

function levelsOverlap(one: readonly string[], other: readonly string[]): boolean {
  const [a, ...restA] = one;
  const [b, ...restB] = other;
  if (a === undefined && b === undefined) return true;
  if (a === "#") return levelsOverlap(restA, other) || (b !== undefined && levelsOverlap(one, restB));
  if (b === "#") return levelsOverlap(other, one);
  if (a === undefined || b === undefined) return false;
  return (a === "+" || b === "+" || a === b) && levelsOverlap(restA, restB);
}
