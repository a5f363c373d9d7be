// The pictures of a gallery: several chosen at once, each with its words, moved and removed by buttons.

const modules = document.querySelector("[data-story]").dataset;
const { showProblem } = await import(modules.moduleProblem);

const MOST = 8;

/** `add(item, picture)` fills the fields of a new item. */
export function bindGallery(form, part, { add, block }) {
  const list = part.querySelector("[data-part-list]");
  const input = part.querySelector("[data-gallery-files]");
  const changed = () => form.dispatchEvent(new Event("change"));
  const append = (picture) => {
    const item = form.querySelector("[data-story-gallery-item]").content.firstElementChild.cloneNode(true);
    list.append(item);
    add(item, picture);
    return item;
  };

  for (const picture of Array.isArray(block.pictures) ? block.pictures : []) append(picture);
  input.addEventListener("change", () => {
    const free = MOST - list.children.length;
    const files = [...input.files];
    for (const file of files.slice(0, free)) append({}).dispatchEvent(new CustomEvent("picture", { detail: file }));
    if (files.length > free) showProblem(part, form.dataset.storyGalleryFull);
    input.value = "";
  });
  list.addEventListener("click", (event) => {
    const button = event.target.closest("button");
    const item = button?.closest("[data-shot]");
    if (button?.dataset.shotMove === "-1") item.previousElementSibling?.before(item);
    else if (button?.dataset.shotMove === "1") item.nextElementSibling?.after(item);
    else if (button?.matches("[data-shot-remove]")) item.remove();
    else return;
    (item.isConnected ? button : input).focus();
    changed();
  });
}
