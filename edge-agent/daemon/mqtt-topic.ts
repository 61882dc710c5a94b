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

/** Whether the filter lets the topic through. Example: "door/+" takes "door/camera" and neither "door" nor "door/camera/answer". */
export function topicMatches(filter: string, topic: string): boolean {
  const wanted = filter.split("/");
  const levels = topic.split("/");
  for (const [i, level] of wanted.entries()) {
    // "#" stands for its parent level too. [MQTT-4.7.1-2]
    if (level === "#") return true;
    if (i >= levels.length) return false;
    if (level !== "+" && level !== levels[i]) return false;
    if (i === levels.length - 1 && wanted[i + 1] === "#") return true;
  }
  return wanted.length === levels.length;
}
