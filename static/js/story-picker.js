// Products or boards of a story: search as you type, choose, and take away again.

const PAUSE_MS = 250;

function fromTemplate(form, selector, one) {
  const item = form.querySelector(selector).content.firstElementChild.cloneNode(true);
  item.dataset.id = one.id;
  item.querySelector("[data-picker-title]").textContent = one.title ?? form.dataset.storyUnknown;
  item.querySelector("[data-picker-from]").textContent = one.from ?? "";
  item.querySelector("[data-picker-about]").textContent = one.title ?? form.dataset.storyUnknown;
  return item;
}

export const chosenIds = (chosen) => [...chosen.children].map((chip) => Number(chip.dataset.id));

export function addChip(form, chosen, one) {
  if (!chosenIds(chosen).includes(Number(one.id))) chosen.append(fromTemplate(form, "[data-picker-chip]", one));
}

export function bindPicker(form, picker) {
  const query = picker.querySelector("[data-picker-query]");
  const chosen = picker.querySelector("ul[data-part]");
  const list = picker.querySelector("[data-picker-found]");
  const address = form.dataset[`storySearch${picker.dataset.storyPicker === "board" ? "Boards" : "Products"}`];
  const say = (text) => (picker.querySelector("[data-picker-said]").textContent = text);
  let timer;

  const look = async () => {
    const asked = query.value.trim();
    const answer = await fetch(`${address}?${new URLSearchParams({ q: asked })}`);
    if (asked !== query.value.trim()) return; // an older question; the newer one answers
    const { choices } = await answer.json();
    list.replaceChildren(...choices.map((one) => fromTemplate(form, "[data-picker-choice]", one)));
    const found = form.dataset.storyFound.replace("{n}", choices.length);
    say(choices.length ? found : asked && form.dataset.storyNone);
  };
  const lookSoon = () => {
    clearTimeout(timer);
    timer = setTimeout(() => look().catch(() => say(form.dataset.storySearchFailed)), PAUSE_MS);
  };
  query.addEventListener("input", lookSoon);
  query.addEventListener("focus", () => !list.children.length && lookSoon());
  picker.addEventListener("click", (event) => {
    const item = event.target.closest("[data-picker-add], [data-picker-remove]")?.closest("li");
    if (!item) return;
    const text = (name) => item.querySelector(name).textContent;
    if (event.target.closest("[data-picker-add]")) {
      if (picker.dataset.pickerMost === "1") chosen.replaceChildren();
      addChip(form, chosen, { id: item.dataset.id, title: text("[data-picker-title]"), from: text("[data-picker-from]") });
    }
    item.remove();
    query.focus();
    form.dispatchEvent(new Event("change"));
  });
}
