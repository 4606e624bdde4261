// Draws the rows of the board.

import { element, renderKeyed, setText } from "./dom.js";
import { count, expectedCount, moment, plural, reason } from "./format.js";
import { topicLink } from "./topic_link.js";

const kMoveMs = 300;
const kLitMs = 1800;
const kMovedMax = 12;  // more than the eye follows at once: then rows change places without a slide, and none lights up
const kQuiet = matchMedia("(prefers-reduced-motion: reduce)");

export class BoardView {
  #list;
  #sparklines;
  #nodes = new Map();
  #parts = new WeakMap();

  constructor(list, sparklines) {
    this.#list = list;
    this.#sparklines = sparklines;
  }

  // `changed`: trends that an event touched since the last call; their rows light up for a moment.
  render(model, changed = new Set()) {
    const before = this.#positions();
    renderKeyed(this.#list, this.#nodes, model.rows, {
      key: (row) => row.trend,
      create: (row) => this.#create(row),
      update: (node, row, index) => this.#update(node, row, index + 1, model),
      remove: (node) => this.#sparklines.remove(this.#parts.get(node).curve),
    });
    this.#animate(before, changed);
  }

  #create(row) {
    const parts = {
      place: element("span", { class: "place" }),
      move: element("span", { class: "move" }),
      name: element("h2", { class: "topic" }, topicLink(row, row.scope)),
      why: element("p", { class: "why" }),
      when: element("p", { class: "when" }),
      curve: element("div", { class: "curve" }),
      people: element("dd", { class: "people" }),
      posts: element("dd"),
      expected: element("dd"),
    };
    const hour = () => element("span", { class: "unseen" }, " in the last hour");
    const number = (label, node) => element("div", {}, element("dt", {}, label, hour()), node);
    const node = element("li", { class: "row" },
      element("div", { class: "rank" }, parts.place, parts.move),
      element("div", { class: "what" }, parts.name, parts.why, parts.when),
      parts.curve,
      element("dl", { class: "numbers" },
        number("people", parts.people), number("posts", parts.posts), number("expected", parts.expected)));
    this.#parts.set(node, parts);
    return node;
  }

  #update(node, row, rank, model) {
    const parts = this.#parts.get(node);
    setText(parts.place, count(rank));
    showMovement(parts.move, model.movement(row, rank));
    setText(parts.name.querySelector("bdi"), `#${row.display}`);
    parts.name.title = `#${row.display}`;
    const gone = row.deleted_since ? ` ${plural(row.deleted_since, "post", "posts")} of it deleted since.` : "";
    setText(parts.why, reason(row.explanation, model.now) + gone);
    setText(parts.when, history(row, model.now));
    setText(parts.people, count(row.observed.authors));
    setText(parts.posts, count(row.observed.posts));
    setText(parts.expected, expectedCount(row.expected.authors));
    this.#sparklines.show(parts.curve, row, model.now);
  }

  #positions() {
    if (kQuiet.matches) return new Map();
    return new Map([...this.#nodes.values()].map((node) => [node, node.offsetTop]));
  }

  // Rows slide from where they were: the eye follows a change of rank.
  #animate(before, changed) {
    if (kQuiet.matches || changed.size > kMovedMax) return;
    const moves = [...this.#nodes.values()]
      .map((node) => ({ node, by: before.has(node) ? before.get(node) - node.offsetTop : 0 }))
      .filter(({ by }) => by !== 0);
    for (const trend of changed) {
      const node = this.#nodes.get(trend);
      node?.animate([{ backgroundColor: "var(--lit)" }, { backgroundColor: "var(--paper)" }], { duration: kLitMs });
    }
    if (moves.length > kMovedMax) return;
    for (const { node, by } of moves) {
      node.animate([{ transform: `translateY(${by}px)` }, { transform: "none" }], { duration: kMoveMs, easing: "ease-out" });
    }
  }
}

function showMovement(node, { kind, places }) {
  const shown = { new: "new", up: `▲ ${count(places)}`, down: `▼ ${count(places)}`, same: "" }[kind];
  const spoken = {
    new: "new in the last 15 minutes",
    up: `up ${count(places)} in 15 minutes`,
    down: `down ${count(places)} in 15 minutes`,
    same: "",
  }[kind];
  setText(node, shown);
  node.dataset.kind = kind;
  node.title = spoken;
  if (spoken && kind !== "new") {
    node.setAttribute("role", "img");
    node.setAttribute("aria-label", spoken);
  } else {
    node.removeAttribute("role");
    node.removeAttribute("aria-label");
  }
}

function history(row, now) {
  const told = [`Started ${moment(row.started_at, now)}`];
  if (row.first_since) told.push(`number one since ${moment(row.first_since, now)}`);
  if (row.peak.authors > row.observed.authors * 1.1) {
    told.push(`peak ${count(row.peak.authors)} people an hour at ${moment(row.peak.at, now)}`);
  }
  return told.join(" · ");
}
