export function byId<T extends HTMLElement = HTMLElement>(id: string): T {
  const found = document.getElementById(id);
  if (found === null) throw new Error(`the page has no element "${id}"`);
  return found as T;
}

/** Only when it is another text: a screen reader speaks every change, and a selection would be lost. */
export function textOf(element: Element, text: string): void {
  if (element.textContent !== text) element.textContent = text;
}

/** False when the person cancels, by Escape too. */
export async function askPerson(question: {
  readonly title: string;
  readonly text: string;
  readonly yes: string;
}): Promise<boolean> {
  const dialog = byId<HTMLDialogElement>("question");
  textOf(byId("question-title"), question.title);
  textOf(byId("question-text"), question.text);
  textOf(byId("question-yes"), question.yes);
  dialog.returnValue = "no";
  dialog.showModal();
  await new Promise((resolve) => dialog.addEventListener("close", resolve, { once: true }));
  return dialog.returnValue === "yes";
}
