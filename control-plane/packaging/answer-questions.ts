/** In a child process: answers the parent's questions one by one, until the parent is gone. What is thrown becomes a "failed" answer. */
export function answerQuestions<Question, Answer>(answerTo: (question: Question) => Promise<Answer>): void {
  process.on("message", (question: Question) => {
    answerTo(question)
      .catch((error: unknown) => ({ kind: "failed", reason: error instanceof Error ? error.message : String(error) }))
      .then((answer) => process.send?.(answer))
      .catch(() => process.exit(1));
  });
  process.on("disconnect", () => process.exit(0));
}
