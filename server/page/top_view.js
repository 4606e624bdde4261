// The most used topics of the last hour: not what is new, but what is large.

import { element, renderKeyed, setText } from "./dom.js";
import { count } from "./format.js";
import { topicLink } from "./topic_link.js";

export class TopView {
  #list;
  #note;
  #nodes = new Map();

  constructor(list, note) {
    this.#list = list;
    this.#note = note;
  }

  render(topics, scope) {
    const largest = Math.max(1, ...topics.map((topic) => topic.posts));
    renderKeyed(this.#list, this.#nodes, topics, {
      key: (topic) => `${topic.topic} ${topic.display} ${scope}`,
      create: (topic) => element("li", {}, topicLink(topic, scope, { short: true }), element("span", { class: "posts" })),
      update: (node, topic) => {
        setText(node.lastElementChild, count(topic.posts));
        node.lastElementChild.title = `${count(topic.posts)} posts by ${count(topic.authors)} people`;
        node.style.setProperty("--share", topic.posts / largest);
      },
    });
    this.say(topics.length > 0 ? "" : "No tags in that hour.");
  }

  clear(note) {
    this.render([], null);
    this.say(note);
  }

  say(note) {
    setText(this.#note, note);
    this.#note.hidden = note === "";
  }
}
