// The cover: uploaded as soon as it is chosen, so that the draft that saves itself has it.

const modules = document.querySelector("[data-story]").dataset;
const { upload } = await import(modules.moduleUpload);

export function bindCover(form) {
  const { cover, cover_file: input, cover_alt: words } = form.elements;
  const zone = input.closest("[data-dropzone]");
  const progress = zone.querySelector("progress");
  const say = (text) => (zone.querySelector("[data-dropzone-name]").textContent = text);
  input.addEventListener("change", () => {
    if (!input.files.length) return;
    progress.hidden = false;
    upload(form, input.files[0], {
      onProgress: (percent) => (progress.value = percent),
      onDone: (id, url) => {
        progress.hidden = true;
        input.value = "";
        say("");
        cover.value = id;
        words.value = "";
        const shown = form.querySelector("[data-cover-shown]");
        shown.querySelector("img").src = url;
        shown.querySelector("img").removeAttribute("srcset");
        shown.hidden = false;
        form.dispatchEvent(new Event("change"));
      },
      onProblem: (text) => {
        progress.hidden = true;
        input.value = "";
        say(text);
      },
    });
  });
}
