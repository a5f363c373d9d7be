// The story editor: a list of parts, sent as one JSON field. The page's <template>s are what parts are made of;
// story-parts.js fills and reads them. The form says where the other modules are (data-module-…), because their
// addresses change with their content.

const modules = document.querySelector("[data-story]").dataset;
const { makePart, readPart } = await import(modules.moduleParts);
const { bindList } = await import(modules.moduleList);
const { bindCover } = await import(modules.moduleCover);
const { autosave } = await import(modules.moduleAutosave);
const { bringBack, guardChanges } = await import(modules.moduleGuard);
const { showProblem } = await import(modules.moduleProblem);

const form = document.querySelector("form[data-story]");
const list = form.querySelector("[data-story-list]");
const data = JSON.parse(document.getElementById("story-data").textContent);
const parts = () => [...list.children];

data.blocks.forEach((block, index) => list.append(makePart(form, block, data, data.problems[index])));
form.addEventListener("formdata", (event) => event.formData.set("blocks", JSON.stringify(parts().map(readPart))));
bindList(form, (block) => makePart(form, block, data));
bindCover(form);
guardChanges(form);
autosave(form, (problems) => parts().forEach((part, place) => showProblem(part, problems[place] ?? "")));
form.dataset.storyReady = "";
list.querySelector("[data-story-problem]:not([hidden])")?.scrollIntoView({ block: "center" });
bringBack(form);
