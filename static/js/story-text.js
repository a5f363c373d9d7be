// Rich text without a library: the browser's own editing, a toolbar, and paste that comes in clean.

const modules = document.querySelector("[data-story]").dataset;
const { bindLink } = await import(modules.moduleLink);
const { cleaned } = await import(modules.moduleClean);

const escaped = (text) => {
  const holder = document.createElement("p");
  holder.textContent = text;
  return holder.getHTML();
};

/** Plain text as paragraphs, one for each run of lines. */
const asParagraphs = (text) =>
  text
    .split(/\n\s*\n/)
    .map((one) => `<p>${escaped(one.trim()).replace(/\n/g, "<br>")}</p>`)
    .join("");

function insert(transfer) {
  const html = transfer.getData("text/html");
  const text = transfer.getData("text/plain");
  if (!html && !text.includes("\n")) document.execCommand("insertText", false, text);
  else document.execCommand("insertHTML", false, html ? cleaned(html).getHTML() : asParagraphs(text));
}

export function bindText(form, part) {
  const field = part.querySelector("[contenteditable]");
  const tools = part.querySelectorAll("[data-command]");
  const showState = () => {
    for (const tool of tools) tool.setAttribute("aria-pressed", document.queryCommandState(tool.dataset.command));
  };
  document.execCommand("defaultParagraphSeparator", false, "p");
  field.addEventListener("paste", (event) => {
    event.preventDefault();
    insert(event.clipboardData);
  });
  field.addEventListener("drop", (event) => event.preventDefault());
  for (const event of ["keyup", "mouseup", "focus", "input"]) field.addEventListener(event, showState);
  for (const tool of tools) {
    tool.addEventListener("click", () => {
      field.focus();
      document.execCommand(tool.dataset.command);
      showState();
    });
  }
  bindLink(part, field);
}
