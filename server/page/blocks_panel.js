// Blocked topics: they are counted and never trend. Whoever may steer the server sees them, blocks and lifts; others are
// told which role it takes.

import { ask, blockPath, getJson } from "./api.js";
import { element, part, tagName } from "./dom.js";
import { fullMoment } from "./format.js";

export class BlocksPanel {
  #waysOut;
  #form = part("block-form");
  #note = part("blocks-note");
  #visit = 0;

  // waysOut(error, again): buttons that lead on from an error.
  constructor(waysOut) {
    this.#waysOut = waysOut;
    this.#form.addEventListener("submit", (event) => {
      event.preventDefault();
      const tag = part("block-tag").value.trim();
      if (tag) this.#change(tag, "PUT");
    });
  }

  async read() {
    const mine = ++this.#visit;
    try {
      const { blocks } = await getJson("/v1/blocks");
      if (mine !== this.#visit) return;
      this.#form.hidden = false;
      this.#note.textContent = blocks.length > 0 ? "" : "No topic is blocked.";
      part("blocks").replaceChildren(...blocks.map((block) => this.#row(block)));
      part("blocks-table").hidden = blocks.length === 0;
    } catch (error) {
      if (mine === this.#visit) this.#refuse(error);
    }
  }

  async #change(tag, method) {
    try {
      await ask(blockPath(tag), { method });
      part("block-tag").value = "";
      await this.read();
    } catch (error) {
      this.#note.textContent = error.message;
    }
  }

  #refuse(error) {
    this.#form.hidden = true;
    part("blocks-table").hidden = true;
    if (error.status === 401) return this.#note.replaceChildren();  // the page above asks for a token already
    const why = error.isRefusal ? "It takes a token with the role admin to see and change them. " : `They cannot be read. ${error.message} `;
    this.#note.replaceChildren(why, this.#waysOut(error, () => this.read()));
  }

  #row(block) {
    const fixed = block.origin === "configuration";
    const lift = element("button", { type: "button", "aria-label": `Unblock ${block.display}` }, "Unblock");
    lift.addEventListener("click", () => this.#change(block.topic, "DELETE"));
    return element("tr", {}, element("th", { scope: "row" }, tagName(block.display)),
      element("td", {}, fullMoment(block.since)),
      element("td", {}, fixed ? "the configuration" : block.by ?? "somebody on this machine"),
      element("td", {}, fixed ? "" : lift));
  }
}
