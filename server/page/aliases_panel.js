// Which tags and phrases count as one topic. Whoever may steer the server makes groups and lets them go; those of the
// configuration are shown and stay.

import { aliasPath, ask, getJson } from "./api.js";
import { element, part, tagName } from "./dom.js";

const list = (values, show) => element("td", {}, ...values.flatMap((value, i) => (i > 0 ? [", ", show(value)] : [show(value)])));
const words = (text) => text.split(",").map((word) => word.trim()).filter((word) => word);

function phrase(text) {
  const node = element("bdi");
  node.textContent = `“${text}”`;
  return node;
}

export class AliasesPanel {
  #note = part("aliases-note");
  #visit = 0;

  constructor() {
    part("alias-form").addEventListener("submit", (event) => {
      event.preventDefault();
      const topic = part("alias-topic").value.trim();
      if (topic) this.#change(topic, "PUT", { tags: words(part("alias-tags").value), phrases: words(part("alias-phrases").value) });
    });
  }

  async read() {
    const mine = ++this.#visit;
    const answer = await getJson("/v1/aliases").catch(() => null);  // the blocks above say why
    if (mine !== this.#visit) return;
    part("aliases-section").hidden = !answer;
    if (!answer) return;
    this.#note.textContent = answer.aliases.length > 0 ? "" : "Every tag is a topic of its own.";
    part("aliases-table").hidden = answer.aliases.length === 0;
    part("aliases").replaceChildren(...answer.aliases.map((alias) => this.#row(alias)));
  }

  async #change(topic, method, body) {
    try {
      await ask(aliasPath(topic), { method, body });
      if (body) part("alias-form").reset();
      await this.read();
    } catch (error) {
      this.#note.textContent = error.message;
    }
  }

  #row({ topic, tags, phrases, fixed }) {
    const split = element("button", { type: "button", "aria-label": `Split ${topic}` }, "Split");
    split.addEventListener("click", () => this.#change(topic, "DELETE"));
    return element("tr", {}, element("th", { scope: "row" }, tagName(topic)),
      list(tags, (tag) => tagName(tag.replace(/^[#＃]/u, ""))), list(phrases, phrase),
      element("td", {}, fixed ? "the configuration" : split));
  }
}
