// What stands around every page: connection state, scopes to choose from, figures in the footer, the way to other places.

import { kWorld } from "./address.js";
import { element, part, setText } from "./dom.js";
import { count } from "./format.js";
import { groupScopes } from "./scope_names.js";

const kStates = { connecting: "Connecting", live: "Live", waiting: "Reconnecting", refused: "Refused", past: "Past" };
const kRateMs = 5_000;  // a rate over less would jump

export class Frame {
  #go;
  #askToken;
  #posts = null;  // {total, at, rate}: to tell the rate
  #scopes = [];

  // go(place, {quiet}): to another place; quiet: in place of this one, without a step back to it.
  // askToken(why): lets the reader enter a token, then shows this place again.
  constructor({ go, askToken }) {
    this.#go = go;
    this.#askToken = askToken;
  }

  go(place, options = {}) {
    this.#go(place, options);
  }

  askToken(why) {
    this.#askToken(why);
  }

  title(text) {
    document.title = `${text} · tagswell`;
  }

  // `error`: why the server refuses, where it does.
  setState(state, error = null) {
    const node = part("connection");
    node.dataset.state = state;
    setText(node, kStates[state]);
    node.title = error?.message ?? "";
    document.body.classList.toggle("stale", state === "waiting" || state === "refused");
    if (error?.status === 401) this.askToken(error.message);
  }

  // Buttons with which a reader gets past an error.
  waysOut(error, again) {
    const button = (label, run) => {
      const node = element("button", { type: "button" }, label);
      node.addEventListener("click", run);
      return node;
    };
    return error.isRefusal
      ? button("Enter a token", () => this.askToken(error.message))
      : button("Try now", again);
  }

  // `scope`: the one that is shown. It stays in the list though nobody posted in it yet.
  showStats(stats, scope) {
    const now = performance.now();
    if (!this.#posts || now - this.#posts.at >= kRateMs) {
      const before = this.#posts;
      const rate = before ? Math.max(0, ((stats.posts - before.total) * 1000) / (now - before.at)) : null;
      this.#posts = { total: stats.posts, at: now, rate };
    }
    const figures = [
      ["posts", count(stats.posts)],
      ["posts a second", this.#posts.rate === null ? "–" : count(this.#posts.rate)],
      ["topics seen", count(stats.topics_seen)],
      ["running trends", count(stats.trends)],
      ["not yet counted", count(stats.lag_posts)],
    ];
    part("figures").replaceChildren(
      ...figures.map(([name, value]) => element("div", {}, element("dt", {}, name), element("dd", {}, value))));
    this.#scopes = stats.scopes;
    this.showScope(scope);
  }

  showScope(scope) {
    const select = part("scope");
    const all = [...new Set([...this.#scopes, scope])];
    if (select.dataset.shown !== all.join(" ")) {
      select.dataset.shown = all.join(" ");
      const option = ({ scope: value, name }) => element("option", { value }, name);
      select.replaceChildren(option({ scope: kWorld, name: "World" }),
        ...groupScopes(all).map(({ label, scopes }) => element("optgroup", { label }, ...scopes.map(option))));
    }
    select.value = scope;
  }
}
