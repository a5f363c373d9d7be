// Nothing typed is lost by mistake: leaving with changes asks first, what a former page of this tab could not save is
// brought back, and Enter in a line of a part sends nothing.

const modules = document.querySelector("[data-story]").dataset;
const { copyOf } = await import(modules.moduleCopy);
const { fieldsOf, send, submitFields } = await import(modules.moduleSend);

const RETRY_MS = 5000;

export function guardChanges(form) {
  const copy = copyOf(form);
  form.addEventListener("submit", (event) => {
    const pressed = event.submitter?.name ? { [event.submitter.name]: [event.submitter.value] } : {};
    copy.keep({ ...fieldsOf(form), ...pressed }, true);
    delete form.dataset.storyUnsaved;
  });
  form.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && event.target.matches("[data-story-list] input")) event.preventDefault();
  });
  addEventListener("beforeunload", (event) => {
    if (form.dataset.storyUnsaved !== undefined) event.preventDefault();
  });
}

/** What was kept is stored now, based on what it was based on: if that changed meanwhile, a page shows both. */
export async function bringBack(form) {
  const copy = copyOf(form);
  const { fields, isSent } = copy.get() ?? {};
  const version = form.elements.version.value;
  // A page that shows what was just sent has it all; and what is based on an older draft and was sent has arrived.
  if (!fields || form.dataset.storyFresh === undefined || (isSent && fields.version?.[0] !== version)) return copy.forget();
  form.inert = true;
  const answer = await send(form, fields);
  if (answer.status === 0) {
    form.querySelector("[data-story-status]").textContent = form.dataset.storyOffline;
    return setTimeout(() => bringBack(form), RETRY_MS);
  }
  copy.forget();
  if (answer.status !== 200) return submitFields(form, fields);
  if (answer.version !== version) return location.reload();
  return (form.inert = false);
}
