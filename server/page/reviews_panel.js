// Trends that wait for a yes. Whoever may steer the server approves and rejects them, and takes decisions back. Shown
// where trends have to be approved, or something was decided.

import { ask, getJson, reviewPath } from "./api.js";
import { element, part, renderKeyed, setText, tagName } from "./dom.js";
import { count, fullMoment } from "./format.js";
import { scopeName } from "./scope_names.js";

const kPauseMs = 5_000;
const kDecidedShown = 100;  // of each kind
const kScopesShown = 4;

export class ReviewsPanel {
  #note = part("reviews-note");
  #rows = { waiting: new Map(), decided: new Map() };
  #visit = 0;
  #timer = 0;

  // What waits comes and goes by itself: it is read again and again until close().
  open() {
    this.close();
    this.#read(this.#visit);
  }

  close() {
    this.#visit += 1;
    clearTimeout(this.#timer);
  }

  async #read(mine) {
    const [waiting, approved, rejected] = await Promise.all(
      [{}, { state: "approved", limit: kDecidedShown }, { state: "rejected", limit: kDecidedShown }]
        .map((parameters) => getJson("/v1/reviews", parameters).catch(() => null)));  // the blocks below say why
    if (mine !== this.#visit) return;
    if (waiting && approved && rejected) this.#show(waiting, [...approved.reviews, ...rejected.reviews]);
    if (waiting?.required) this.#timer = setTimeout(() => this.#read(mine), kPauseMs);
  }

  #show({ required, reviews }, decided) {
    part("reviews-section").hidden = !required && decided.length === 0;
    this.#note.textContent = reviews.length > 0 ? "" : required ? "Nothing waits." : "Trends are shown without a yes.";
    part("waiting-table").hidden = reviews.length === 0;
    part("decided-table").hidden = decided.length === 0;
    renderKeyed(part("waiting"), this.#rows.waiting, reviews, {
      key: ({ topic }) => topic, create: (review) => this.#waiting(review), update: describe });
    // Somebody else may have decided otherwise: that is another row.
    renderKeyed(part("decided"), this.#rows.decided, decided, {
      key: ({ topic, since }) => `${topic} ${since}`, create: (review) => this.#decided(review), update: () => {} });
  }

  async #decide(topic, state) {
    try {
      await ask(reviewPath(topic), state ? { method: "PUT", body: { state } } : { method: "DELETE" });
      this.open();
    } catch (error) {
      this.#note.textContent = error.message;
    }
  }

  #button(text, display, act) {
    const button = element("button", { type: "button", "aria-label": `${text} ${display}` }, text);
    button.addEventListener("click", act);
    return button;
  }

  #waiting({ topic, display }) {
    return element("tr", {}, element("th", { scope: "row" }, tagName(display)), element("td"), element("td"), element("td"),
      element("td", {}, this.#button("Approve", display, () => this.#decide(topic, "approved")), " ",
        this.#button("Reject", display, () => this.#decide(topic, "rejected"))));
  }

  #decided({ topic, display, state, since, by }) {
    return element("tr", {}, element("th", { scope: "row" }, tagName(display)), element("td", {}, state),
      element("td", {}, fullMoment(since)), element("td", {}, by ?? "somebody on this machine"),
      element("td", {}, this.#button("Take back", display, () => this.#decide(topic, null))));
  }
}

// The cells of a row that change while it waits.
function describe(row, { trends }) {
  const people = Math.max(...trends.map(({ observed }) => observed.authors));
  const since = trends.map(({ started_at: at }) => at).sort()[0];
  const scopes = trends.slice(0, kScopesShown).map(({ scope }) => scopeName(scope)).join(", ");
  const cells = [count(people), trends.length > kScopesShown ? `${scopes} …` : scopes, fullMoment(since)];
  cells.forEach((text, i) => setText(row.cells[i + 1], text));
}
