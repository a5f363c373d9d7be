// A picture of a story: uploaded as soon as it is chosen, with its progress; the part then holds its id.

const modules = document.querySelector("[data-story]").dataset;
const { showProblem } = await import(modules.moduleProblem);

function upload(form, file, { onProgress, onDone, onProblem }) {
  const body = new FormData();
  body.append("file", file);
  const request = new XMLHttpRequest();
  request.open("POST", form.dataset.storyUpload);
  request.setRequestHeader("X-CSRFToken", form.elements.csrfmiddlewaretoken.value);
  request.responseType = "json";
  request.upload.addEventListener("progress", (event) => {
    if (event.lengthComputable) onProgress((100 * event.loaded) / event.total);
  });
  request.addEventListener("load", () => {
    const { id, url, error } = request.response ?? {};
    if (request.status === 200 && id) onDone(id, url);
    else onProblem(error ?? form.dataset.storyUploadFailed);
  });
  request.addEventListener("error", () => onProblem(form.dataset.storyUploadFailed));
  request.send(body);
}

export function bindPicture(form, part, data) {
  const input = part.querySelector("[data-picture-file]");
  const shown = part.querySelector("[data-picture-shown]");
  const progress = part.querySelector("[data-picture-progress]");
  const id = part.querySelector('[data-part="picture"]');
  const show = (url) => {
    shown.src = url ?? "";
    shown.hidden = !url;
  };
  show(data.pictures[id.value]);
  input.addEventListener("change", () => {
    if (!input.files.length) return;
    showProblem(part, "");
    progress.hidden = false;
    upload(form, input.files[0], {
      onProgress: (percent) => (progress.value = percent),
      onDone: (newId, url) => {
        progress.hidden = true;
        id.value = newId;
        show(url);
        part.querySelector('[data-part="alt"]').focus();
      },
      onProblem: (text) => {
        progress.hidden = true;
        showProblem(part, text);
      },
    });
  });
}
