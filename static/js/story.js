// The story editor: a list of parts, added, moved and removed by buttons, sent as one JSON field.
// The page's <template>s are what parts are made of; story-parts.js fills and reads them. The form says where the
// other modules are (data-module-…), because their addresses change with their content.

const modules = document.querySelector("[data-story]").dataset;
const { makePart, readPart } = await import(modules.moduleParts);
const { guardChanges } = await import(modules.moduleGuard);

const form = document.querySelector("form[data-story]");
const list = form.querySelector("[data-story-list]");
const data = JSON.parse(document.getElementById("story-data").textContent);

const parts = () => [...list.children];

/** Tell a screen reader where a part stands now. */
function tellPlace(part) {
  const place = form.dataset.storyPlace.replace("{n}", parts().indexOf(part) + 1);
  form.querySelector("[data-story-said]").textContent = place.replace("{total}", list.children.length);
}

function add(kind) {
  const part = makePart(form, { type: kind }, data);
  list.append(part);
  part.querySelector("[data-story-first]").focus();
  tellPlace(part);
}

function move(button) {
  const part = button.closest("[data-story-part]");
  if (button.dataset.storyMove === "-1") part.previousElementSibling?.before(part);
  else part.nextElementSibling?.after(part);
  button.focus();
  part.scrollIntoView({ block: "nearest" });
  tellPlace(part);
}

function remove(part) {
  const next = part.nextElementSibling ?? part.previousElementSibling;
  part.remove();
  (next?.querySelector("[data-story-kind-label]") ?? form.querySelector("[data-story-add]")).focus();
}

form.addEventListener("click", (event) => {
  const button = event.target.closest("button");
  if (button?.dataset.storyAdd) add(button.dataset.storyAdd);
  else if (button?.dataset.storyMove) move(button);
  else if (button?.matches("[data-story-remove]")) remove(button.closest("[data-story-part]"));
  else return;
  form.dispatchEvent(new Event("change"));
});

data.blocks.forEach((block, index) => list.append(makePart(form, block, data, data.problems[index])));
form.querySelector("[data-story-adders]").hidden = false;
form.addEventListener("formdata", (event) => event.formData.set("blocks", JSON.stringify(parts().map(readPart))));
guardChanges(form);
list.querySelector("[data-story-problem]:not([hidden])")?.scrollIntoView({ block: "center" });
