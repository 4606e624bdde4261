// A topic's name that leads to its story in the same scope.

import { addressOf } from "./address.js";
import { element, shortTagName, tagName } from "./dom.js";

export function topicLink({ topic, display }, scope, { short = false } = {}) {
  const name = short ? shortTagName(display) : tagName(display);
  return element("a", { class: "topic-link", href: addressOf({ page: "topic", topic, scope }) }, name);
}
