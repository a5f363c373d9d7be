// Text as the site keeps it, wherever it was copied from. The server cleans again (cms/rich_text.py); this keeps what
// one sees while writing the same as what is stored. DOMParser reads without running or fetching anything.

const modules = document.querySelector("[data-story]").dataset;
const { Reader } = await import(modules.moduleReader);
const DROPPED = "script, style, title, template, iframe, object, svg, math, noscript, textarea, select";
const HEADINGS = "h1, h2, h3, h4, h5, h6";
const BLOCKS = `${HEADINGS}, p, div, blockquote, pre, section, article, header, footer, main, aside, nav, figure,
  figcaption, address, dl, dt, dd, table, tr, form, details, summary, hr`;

/** What holds inside this element of what is around it; a style says more than a tag. */
function within(around, element, style) {
  const weight = /(?:^|;)font-weight:(bold|normal|[1-9]00)/.exec(style)?.[1];
  const slant = /(?:^|;)font-style:(italic|normal)/.exec(style)?.[1];
  const inside = { ...around };
  if (weight || element.matches("b, strong")) inside.bold = /^(bold|[6-9])/.test(weight ?? "bold");
  if (slant || element.matches("i, em")) inside.italic = (slant ?? "italic") === "italic";
  const address = element.matches("a") ? element.getAttribute("href")?.trim() : "";
  if (/^(https?:\/\/|mailto:)/i.test(address)) inside.href = address;
  if (element.matches(HEADINGS)) inside.isHeading = true;
  if (style.includes("mso-list:ignore")) inside.isMarker = true;
  if (element.matches("td, th")) inside.isInCell = true;
  return inside;
}

function read(node, around, reader) {
  if (node.nodeType === Node.TEXT_NODE) reader.text(node.data, around);
  if (node.nodeType !== Node.ELEMENT_NODE) return;
  const style = (node.getAttribute("data-style") ?? "").replaceAll(" ", "").toLowerCase();
  const isInCell = around.isInCell && !node.matches("tr");
  const [isList, isBlock] = [node.matches("ul, ol"), node.matches(BLOCKS)];
  if (node.matches("br")) reader.endLine();
  if (isList) reader.beginList(node.localName);
  if (node.matches("li")) reader.beginItem();
  if (node.matches("td, th")) reader.hasNextCell = reader.isOpen;
  if (isBlock) reader.divide(isInCell);
  const isItemOfWord = isBlock && /mso-list:(?!none)/.test(style) && !reader.lists.length;
  if (isItemOfWord) reader.beginItemOfWord();
  const inside = within(around, node, style);
  for (const child of node.childNodes) read(child, inside, reader);
  if (isList) reader.endList();
  else if (isBlock) reader.divide(isInCell);
  if (isBlock && reader.lists.at(-1)?.isOfWord) reader.lists.pop(), (reader.isOpen = false);
}

/** Styles and handlers as data: the page's policy refuses them in parsed text too, and says so on the console. */
const inert = (html) =>
  html.replace(/<style[^]*?<\/style\s*>/gi, "").replace(/<[^>]*>/g, (tag) => tag.replace(/\s(style|on\w+)\s*=/gi, " data-$1="));

/** An element that holds the clean nodes of this HTML; what was text stays text. */
export function cleaned(html) {
  const { body } = new DOMParser().parseFromString(inert(html), "text/html");
  for (const element of body.querySelectorAll(DROPPED)) element.remove();
  const reader = new Reader();
  for (const node of body.childNodes) read(node, { bold: false, italic: false, href: "" }, reader);
  const clean = document.createElement("div");
  clean.append(...reader.nodes());
  return clean;
}
