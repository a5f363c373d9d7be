// The draft saves itself: a moment after a change, one request at a time. What did not arrive stays in this tab.
const modules = document.querySelector("[data-story]").dataset;
const { copyOf } = await import(modules.moduleCopy);
const { fieldsOf, send } = await import(modules.moduleSend);

const PAUSE_MS = 1500;
const LONGEST_MS = 8000;
const RETRY_MS = 10000;

/** `showProblems({place: words})` marks the parts that cannot be stored. */
export function autosave(form, showProblems) {
  const copy = copyOf(form);
  const find = (name) => form.querySelector(`[data-story-${name}]`);
  let [timer, waitsSince, isSending, isWrong, isStopped] = [0, 0, false, false, "storyPaused" in form.dataset];

  const say = (text, { login = false, compare = false } = {}) => {
    find("status").textContent = text;
    find("login").hidden = !login;
    find("compare").hidden = !compare;
  };
  const saved = ({ saved_at: time, version, sitting, cover }, fields) => {
    const isSameCover = form.elements.cover.value === fields.cover[0];
    const fresh = { version, sitting, cover: isSameCover ? cover : form.elements.cover.value };
    for (const name in fresh) form.elements[name].value = fresh[name];
    if (isWrong) showProblems({}), (isWrong = false);
    say(form.dataset.storySaved.replace("{time}", time));
    if (!("storyUnsaved" in form.dataset)) copy.forget();
  };
  const failed = ({ status, error, problems, is_conflict: isConflict }) => {
    form.dataset.storyUnsaved = "";
    isStopped = status === 409;
    isWrong ||= status === 422;
    if (status === 422) showProblems(problems), say(error || form.dataset.storyWrong);
    else if (status === 409) say(error, { compare: isConflict });
    else if (status === 401 || status === 403) say(form.dataset.storyLoggedOut, { login: true });
    else say(form.dataset.storyOffline), (timer = setTimeout(save, RETRY_MS));
  };
  async function save() {
    clearTimeout(timer);
    if (isSending || isStopped || !("storyUnsaved" in form.dataset)) return;
    [isSending, waitsSince] = [true, 0];
    const fields = fieldsOf(form);
    copy.keep(fields);
    delete form.dataset.storyUnsaved;
    const answer = await send(form, fields);
    isSending = false;
    (answer.status === 200 ? saved : failed)(answer, fields);
    if (answer.status === 200) save();
  }
  const change = () => {
    form.dataset.storyUnsaved = "";
    waitsSince ||= Date.now();
    clearTimeout(timer);
    timer = setTimeout(save, Math.min(PAUSE_MS, Math.max(0, waitsSince + LONGEST_MS - Date.now())));
  };
  for (const event of ["input", "change"]) form.addEventListener(event, change);
  addEventListener("online", save);
  addEventListener("pagehide", () => "storyUnsaved" in form.dataset && copy.keep(fieldsOf(form)));
}
