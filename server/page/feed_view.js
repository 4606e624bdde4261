// The latest events, newest first. Changes of rank are left out but for a new number one.

import { element, renderKeyed, setText } from "./dom.js";
import { age, eventText, fullMoment } from "./format.js";
import { topicLink } from "./topic_link.js";

const kShown = 14;

export class FeedView {
  #list;
  #note;
  #nodes = new Map();
  #events = [];

  constructor(list, note) {
    this.#list = list;
    this.#note = note;
  }

  // True when the event is news; it is shown by the next render().
  add(event) {
    if (eventText(event) === null) return false;
    this.#events.unshift(event);
    if (this.#events.length > kShown) this.#events.length = kShown;
    return true;
  }

  clear() {
    this.#events = [];
  }

  render(now) {
    renderKeyed(this.#list, this.#nodes, this.#events, {
      key: (event) => `${event.epoch} ${event.seq}`,
      create: (event) => {
        const time = element("time", { datetime: event.time, title: fullMoment(event.time) });
        return element("li", { "data-type": event.type }, time, element("p", {}, topicLink(event, event.scope, { short: true }), ` ${eventText(event)}`));
      },
      update: (node, event) => setText(node.firstElementChild, age(event.time, now)),
    });
    this.#note.hidden = this.#events.length > 0;
  }
}
