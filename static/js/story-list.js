// The list of parts: added, moved and removed by buttons; a screen reader hears where a part stands.

export function bindList(form, make) {
  const list = form.querySelector("[data-story-list]");

  const tellPlace = (part) => {
    const place = form.dataset.storyPlace.replace("{n}", [...list.children].indexOf(part) + 1);
    form.querySelector("[data-story-said]").textContent = place.replace("{total}", list.children.length);
  };
  const add = (kind) => {
    const part = make({ type: kind });
    list.append(part);
    part.querySelector("[data-story-first]").focus();
    tellPlace(part);
  };
  const move = (button) => {
    const part = button.closest("[data-story-part]");
    if (button.dataset.storyMove === "-1") part.previousElementSibling?.before(part);
    else part.nextElementSibling?.after(part);
    button.focus();
    part.scrollIntoView({ block: "nearest" });
    tellPlace(part);
  };
  const remove = (part) => {
    const next = part.nextElementSibling ?? part.previousElementSibling;
    part.remove();
    (next?.querySelector("[data-story-kind-label]") ?? form.querySelector("[data-story-add]")).focus();
  };
  /** One part says what is less good: the button for a second is off. */
  const limitKinds = () => {
    const isThere = list.querySelector('[data-story-part="less_good"]') !== null;
    form.querySelector('[data-story-add="less_good"]').disabled = isThere;
  };

  form.addEventListener("click", (event) => {
    const button = event.target.closest("button");
    if (button?.dataset.storyAdd) add(button.dataset.storyAdd);
    else if (button?.dataset.storyMove) move(button);
    else if (button?.matches("[data-story-remove]")) remove(button.closest("[data-story-part]"));
    else return;
    form.dispatchEvent(new Event("change"));
  });
  form.addEventListener("change", limitKinds);
  form.querySelector("[data-story-adders]").hidden = false;
  limitKinds();
}
