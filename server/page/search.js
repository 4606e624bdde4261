// Search for topics: those used within a day are offered while the reader types; any other can be opened by its name.

import { getJson } from "./api.js";
import { element, shortTagName } from "./dom.js";
import { plural } from "./format.js";

const kOffered = 8;
const kKnown = 1000;
const kFreshMs = 30_000;

// As the server folds tags, as far as a reader's typing needs it.
const folded = (text) => text.normalize("NFKC").toLowerCase().replace(/^[#＃\s]+/, "").trim();

export class Search {
  #input;
  #list;
  #scope;
  #choose;
  #known = { scope: null, at: -Infinity, topics: [] };
  #active = -1;

  // scope(): where to search. choose(topic): what the reader decided for.
  constructor(form, input, list, { scope, choose }) {
    this.#input = input;
    this.#list = list;
    this.#scope = scope;
    this.#choose = choose;
    input.addEventListener("input", () => this.#offer());
    input.addEventListener("focus", () => this.#offer());
    input.addEventListener("keydown", (event) => this.#onKey(event));
    input.addEventListener("blur", () => this.#close());
    // Before the blur that a press of the mouse brings.
    list.addEventListener("mousedown", (event) => {
      event.preventDefault();
      const option = event.target.closest("[role=option]");
      if (option) this.#take(option);
    });
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      const option = this.#list.children[this.#active] ?? this.#list.firstElementChild;
      if (option) this.#take(option);
    });
    document.addEventListener("keydown", (event) => {
      const writes = event.target.closest("input, select, textarea, dialog");
      if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey || writes) return;
      event.preventDefault();
      input.focus();
    });
  }

  async #offer() {
    this.#draw();
    const scope = this.#scope();
    if (this.#known.scope === scope && performance.now() - this.#known.at < kFreshMs) return;
    this.#known = { scope, at: performance.now(), topics: [] };
    try {
      const { topics } = await getJson("/v1/top", { scope, window: "24h", by: "authors", limit: kKnown });
      if (this.#known.scope !== scope) return;
      this.#known.topics = topics.map((of) => ({ ...of, names: [folded(of.topic), folded(of.display)] }));
      if (document.activeElement === this.#input) this.#draw();
    } catch {
      this.#known.at = -Infinity;  // the page says what is wrong with the server
    }
  }

  #draw() {
    const wanted = folded(this.#input.value);
    if (!wanted) return this.#close();
    const { topics } = this.#known;
    const found = [
      ...topics.filter(({ names }) => names.some((name) => name.startsWith(wanted))),
      ...topics.filter(({ names }) => names.some((name) => name.indexOf(wanted) > 0) && !names.some((name) => name.startsWith(wanted))),
    ].slice(0, kOffered);
    const options = found.map((of) => this.#option(of.topic, of.display, plural(of.authors, "person", "people") + " in a day"));
    // Who types a whole name means that name, not one that is used more.
    const exact = found.findIndex(({ names }) => names.includes(wanted));
    if (exact > 0) options.unshift(...options.splice(exact, 1));
    if (exact < 0) options.push(this.#option(wanted, wanted, found.length > 0 ? "exactly this" : "look it up"));
    this.#list.replaceChildren(...options);
    this.#list.hidden = false;
    this.#input.setAttribute("aria-expanded", "true");
    this.#activate(-1);
  }

  #option(topic, display, hint) {
    const node = element("li", { role: "option", "aria-selected": "false" }, shortTagName(display), " ", element("span", { class: "soft" }, hint));
    node.dataset.topic = topic;
    return node;
  }

  #onKey(event) {
    if (event.isComposing) return;
    const last = this.#list.childElementCount - 1;
    if (event.key === "Escape") {
      if (this.#list.hidden) this.#input.value = "";
      this.#close();
    } else if (event.key === "ArrowDown" && !this.#list.hidden) {
      this.#activate(this.#active >= last ? 0 : this.#active + 1);
    } else if (event.key === "ArrowUp" && !this.#list.hidden) {
      this.#activate(this.#active <= 0 ? last : this.#active - 1);
    } else {
      return;
    }
    event.preventDefault();
  }

  #activate(index) {
    this.#active = index;
    [...this.#list.children].forEach((node, at) => {
      node.id = `search-option-${at}`;
      node.setAttribute("aria-selected", String(at === index));
    });
    if (index < 0) this.#input.removeAttribute("aria-activedescendant");
    else this.#input.setAttribute("aria-activedescendant", `search-option-${index}`);
  }

  #take(option) {
    this.#input.value = "";
    this.#close();
    this.#input.blur();
    this.#choose(option.dataset.topic);
  }

  #close() {
    this.#list.replaceChildren();
    this.#list.hidden = true;
    this.#input.setAttribute("aria-expanded", "false");
    this.#activate(-1);
  }
}
