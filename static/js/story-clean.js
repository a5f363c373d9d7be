// Text as the site keeps it: paragraphs, bold, italic, links and lists. The server cleans again; this keeps what one
// sees while writing the same as what is stored. DOMParser reads without running or fetching anything.

const KEPT = new Set(["P", "B", "STRONG", "I", "EM", "A", "UL", "OL", "LI", "BR"]);
const DROPPED = "script, style, template, title, meta, link, iframe, object, svg, math, noscript, textarea, select";
const BLOCKS = "p, div, h1, h2, h3, h4, h5, h6, ul, ol, li, blockquote, pre, section, article, table, tr, figure";
const LISTS = "ul, ol";

function replaceBy(element, tag) {
  const made = document.createElement(tag);
  made.append(...element.childNodes);
  element.replaceWith(made);
  return made;
}

function strip(element) {
  const address = element.tagName === "A" ? element.getAttribute("href") ?? "" : "";
  for (const name of element.getAttributeNames()) element.removeAttribute(name);
  if (/^(https?:\/\/|mailto:)/i.test(address)) element.setAttribute("href", address);
  else if (element.tagName === "A") element.replaceWith(...element.childNodes);
}

function simplify(element) {
  if (KEPT.has(element.tagName)) strip(element);
  else if (element.matches(BLOCKS) && !element.querySelector(BLOCKS)) replaceBy(element, "p");
  else element.replaceWith(...element.childNodes);
}

/** Put what stands loose between the blocks into paragraphs. */
function gatherLoose(root) {
  let open = null;
  for (const node of [...root.childNodes]) {
    const isBlock = node.nodeType === Node.ELEMENT_NODE && node.matches(`p, ${LISTS}`);
    if (isBlock || (!open && !node.textContent.trim())) {
      open = null;
      if (!isBlock) node.remove();
      continue;
    }
    if (!open) node.before((open = document.createElement("p")));
    open.append(node);
  }
}

/** An element that holds the clean nodes of this HTML; what was text stays text. */
export function cleaned(html) {
  const { body } = new DOMParser().parseFromString(html, "text/html");
  for (const element of body.querySelectorAll(DROPPED)) element.remove();
  // Innermost first, so that a wrapper sees what has become of its parts.
  for (const element of [...body.querySelectorAll("*")].reverse()) simplify(element);
  gatherLoose(body);
  return body;
}
