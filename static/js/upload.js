// Several pictures at once: <form data-upload="#again">, sent one file after another, each with its progress and its own
// word on how it went; then the part shows them ("refresh"). Without script the form sends them all together.

function send(form, file, onProgress) {
  const body = new FormData();
  body.append("csrfmiddlewaretoken", form.elements.csrfmiddlewaretoken.value);
  body.append("file", file);
  const request = new XMLHttpRequest();
  request.open("POST", form.action);
  request.setRequestHeader("Accept", "application/json");
  request.responseType = "json";
  request.upload.addEventListener("progress", (event) => {
    if (event.lengthComputable) onProgress((100 * event.loaded) / event.total);
  });
  return new Promise((done) => {
    const failed = `“${file.name}”: ${form.dataset.uploadFailed}`;
    const answer = () => request.response?.refused?.join(" ") ?? failed;
    request.addEventListener("loadend", () => done(request.status ? answer() : failed));
    request.send(body);
  });
}

function makeRow(list, file) {
  const row = list.appendChild(document.createElement("li"));
  row.className = "upload__item";
  const bar = document.createElement("progress");
  bar.max = 100;
  bar.value = 0;
  bar.setAttribute("aria-label", file.name);
  row.append(file.name, bar);
  return { row, bar };
}

async function sendAll(form, files) {
  const list = form.querySelector("[data-upload-list]");
  list.replaceChildren();
  const rows = files.map((file) => makeRow(list, file));
  for (const [index, file] of files.entries()) {
    const { row, bar } = rows[index];
    const problem = await send(form, file, (percent) => (bar.value = percent));
    row.classList.add(problem ? "upload__item--refused" : "upload__item--done");
    row.textContent = problem || `${file.name}: ${form.dataset.uploadDone}`;
    if (!problem) window.htmx.trigger(form.dataset.upload, "refresh");
  }
}

document.addEventListener("change", (event) => {
  const form = event.target.matches("[type=file]") && event.target.closest("form[data-upload]");
  if (!form || !event.target.files.length) return;
  const files = [...event.target.files];
  event.target.value = "";
  form.querySelector("[data-dropzone-name]").textContent = "";
  sendAll(form, files);
});
