/** Send a picture; tells how far it is, and in the end its id and address, or what is wrong with it. */
export function upload(form, file, { onProgress, onDone, onProblem }) {
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
