// What every page may need: menus that close, forms that send themselves, attention that stays where it belongs.

/** Close the open menus, except the one that holds `target`. */
function closeMenus(target) {
  for (const menu of document.querySelectorAll("details[data-menu][open]")) {
    if (!menu.contains(target)) menu.open = false;
  }
}

document.addEventListener("click", (event) => closeMenus(event.target));

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  const menu = document.querySelector("details[data-menu][open]");
  if (!menu) return;
  menu.open = false;
  menu.querySelector("summary").focus();
});

document.addEventListener("change", (event) => {
  event.target.closest("form[data-submit-on-change]")?.requestSubmit();
});

document.querySelector("[data-focus]")?.focus();

// On a phone a row of tabs scrolls sideways: the current one begins in sight.
document.querySelector(".subnav__link[aria-current]")?.scrollIntoView({ inline: "center", block: "nearest" });

// Where htmx replaces what has the focus: a control with an id gets it back from htmx; if the control is gone, the row
// around it (data-keep-focus, with an id) takes it, or else the part that was replaced.
let row;

document.addEventListener("htmx:beforeSwap", () => {
  row = document.activeElement.closest("[data-keep-focus]");
});

document.addEventListener("htmx:afterSettle", () => {
  if (!row || document.activeElement !== document.body) return;
  const part = document.getElementById(row.dataset.keepFocus);
  (document.getElementById(row.id) ?? part)?.focus();
});
