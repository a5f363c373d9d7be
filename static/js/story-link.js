// A link in a text: the button or Ctrl+K opens a line for the address; the selection is remembered meanwhile.

export function bindLink(part, field) {
  const opener = part.querySelector("[data-text-link]");
  const row = part.querySelector("[data-text-link-row]");
  const address = part.querySelector("[data-text-link-address]");
  let range = null;

  const linkAt = () => range?.startContainer.parentElement?.closest("a");
  const remember = () => {
    const selection = getSelection();
    if (selection.rangeCount && field.contains(selection.anchorNode)) range = selection.getRangeAt(0).cloneRange();
  };
  const open = () => {
    remember();
    address.value = linkAt()?.getAttribute("href") ?? "";
    row.hidden = false;
    opener.setAttribute("aria-expanded", "true");
    address.focus();
  };
  const close = () => {
    row.hidden = true;
    opener.setAttribute("aria-expanded", "false");
    field.focus();
    if (!range) return;
    if (range.collapsed && linkAt()) range.selectNodeContents(linkAt());
    getSelection().removeAllRanges();
    getSelection().addRange(range);
  };
  const set = () => {
    const typed = address.value.trim();
    const href = /^(https?:\/\/|mailto:)/i.test(typed) ? typed : `https://${typed}`;
    const isBare = range?.collapsed && !linkAt();
    close();
    if (!typed) document.execCommand("unlink");
    else if (isBare) document.execCommand("insertText", false, typed);
    else document.execCommand("createLink", false, href);
  };

  field.addEventListener("blur", remember);
  field.addEventListener("keydown", (event) => {
    if (!(event.ctrlKey || event.metaKey) || event.key.toLowerCase() !== "k") return;
    event.preventDefault();
    open();
  });
  opener.addEventListener("click", () => (row.hidden ? open() : close()));
  address.addEventListener("keydown", (event) => {
    if (event.key === "Enter") set();
    if (event.key === "Escape") close();
  });
  part.querySelector("[data-text-link-set]").addEventListener("click", set);
  part.querySelector("[data-text-link-off]").addEventListener("click", () => {
    address.value = "";
    set();
  });
}
