// A picture of a story: uploaded as soon as it is chosen, with its progress; its place then holds the id, and asks
// for words.

const modules = document.querySelector("[data-story]").dataset;
const { showProblem } = await import(modules.moduleProblem);
const { upload } = await import(modules.moduleUpload);

/** Bind the picture of a part, or of one place in it; what comes back takes a file. */
export function bindPicture(form, root, data) {
  const find = (selector) => root.querySelector(selector);
  const [input, shown, progress, words] = ["file", "shown", "progress", "words"].map((name) => find(`[data-picture-${name}]`));
  const id = find('[data-part="picture"]');
  const part = root.closest("[data-story-part]") ?? root;
  const show = (url) => {
    shown.src = url ?? "";
    shown.hidden = !url;
    const said = [...(words?.querySelectorAll("[type=text]") ?? [])].some((field) => field.value);
    if (words) words.hidden = !id.value && !said;
  };
  const take = (file) => {
    showProblem(part, "");
    progress.hidden = false;
    upload(form, file, {
      onProgress: (percent) => (progress.value = percent),
      onDone: (newId, url) => {
        progress.hidden = true;
        id.value = newId;
        input.value = "";
        show(url);
        form.dispatchEvent(new Event("change"));
        if (document.activeElement === input) find('[data-part="alt"]')?.focus();
      },
      onProblem: (text) => {
        progress.hidden = true;
        showProblem(part, text);
      },
    });
  };
  show(data.pictures[id.value]);
  input.addEventListener("change", () => input.files.length && take(input.files[0]));
  root.addEventListener("picture", (event) => event.target === root && take(event.detail));
}
