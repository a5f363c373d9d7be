// Where text goes while a pasted text is read: the open paragraph or list item, and the lists around it.

const modules = document.querySelector("[data-story]").dataset;
const { listNodes, newList, newText, paragraphs } = await import(modules.moduleLines);

const DEEPEST_LIST = 4;
const isText = (part) => part !== undefined && "lines" in part;

export class Places {
  parts = [];
  lists = [];
  isOpen = false; // the paragraph or item that text goes on in

  nodes = () => this.parts.flatMap((part) => (isText(part) ? paragraphs(part) : listNodes(part)));

  openText() {
    const list = this.lists.at(-1);
    const place = list?.items ?? this.parts;
    if (list ? !place.length : !this.isOpen || !isText(place.at(-1))) place.push(newText());
    this.isOpen = true;
    return place.at(-1);
  }

  beginList(tag) {
    if (this.lists.length >= DEEPEST_LIST) return this.lists.push(this.lists.at(-1));
    const made = newList(tag);
    (this.lists.length ? this.openText().lists : this.parts).push(made);
    this.isOpen = false;
    return this.lists.push(made);
  }

  endList() {
    this.lists.pop();
    this.isOpen = false;
    this.lists.at(-1)?.items.at(-1)?.lines.push([]);
  }

  beginItem() {
    this.isOpen = false;
    this.lists.at(-1)?.items.push(newText());
  }

  /** Word writes the items of a list as paragraphs whose style names the list. */
  beginItemOfWord() {
    if (!this.parts.at(-1)?.isOfWord) this.parts.push(newList("ul", true));
    this.lists.push(this.parts.at(-1));
    this.beginItem();
  }
}
