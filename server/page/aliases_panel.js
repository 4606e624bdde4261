// Which tags and phrases count as one topic, as the configuration says. The role admin sees them.

import { getJson } from "./api.js";
import { element, part, tagName } from "./dom.js";

const list = (values, show) => element("td", {}, ...values.flatMap((value, i) => (i > 0 ? [", ", show(value)] : [show(value)])));

function phrase(text) {
  const node = element("bdi");
  node.textContent = `“${text}”`;
  return node;
}

export async function showAliases() {
  const { aliases } = await getJson("/v1/aliases").catch(() => ({ aliases: [] }));
  part("aliases-section").hidden = aliases.length === 0;
  part("aliases").replaceChildren(...aliases.map(({ topic, tags, phrases }) => element("tr", {},
    element("th", { scope: "row" }, tagName(topic)), list(tags, (tag) => tagName(tag.replace(/^[#＃]/u, ""))), list(phrases, phrase))));
}
