// The latest posts of a topic, newest first. They are strangers' text: shown as text, in its own direction.

import { element, renderKeyed, setText } from "./dom.js";
import { age, fullMoment } from "./format.js";

const kKinds = { reply: "reply", repost: "repost", quote: "quote" };

export class PostsView {
  #list;
  #note;
  #nodes = new Map();

  constructor(list, note) {
    this.#list = list;
    this.#note = note;
  }

  // now: stream time, milliseconds.
  render(posts, now) {
    renderKeyed(this.#list, this.#nodes, posts, {
      key: (post) => `${post.source} ${post.id}`,
      create: postNode,
      update: (node, post) => setText(node.querySelector("time"), age(post.created_at, now)),
    });
    this.say(posts.length > 0 ? "" : "No posts.");
  }

  say(note) {
    setText(this.#note, note);
    this.#note.hidden = note === "";
  }
}

export function postNode(post) {
  const about = [post.source, post.country, kKinds[post.kind]].filter(Boolean).join(" · ");
  const text = element("p", { class: "post-text", dir: "auto", lang: post.lang });
  text.textContent = post.text;
  const author = element("bdi", { class: "author" });
  author.textContent = post.author;
  return element("li", { class: "post" }, text,
    element("p", { class: "soft" }, author, ` · ${about} · `, element("time", { datetime: post.created_at, title: fullMoment(post.created_at) }, fullMoment(post.created_at))));
}
