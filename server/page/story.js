// A topic's story, as its trend events tell it. No DOM.

export const kStoryTypes = ["started", "milestone", "peaked", "ended", "retracted"];

// Events of one topic, each once, in order.
export class Story {
  #events = [];
  #seqs = new Set();

  get events() {
    return this.#events;
  }

  add(event) {
    if (this.#seqs.has(event.seq)) return;
    this.#seqs.add(event.seq);
    this.#events.push(event);
  }

  // Starts that still stand, oldest first; those of one scope, or of all.
  starts(scope = null) {
    return this.#allStarts().filter((event) => !event.withdrawn && (!scope || event.scope === scope));
  }

  milestones(scope) {
    return this.of(scope).filter(({ type }) => type === "milestone");
  }

  // {scope, time} of the first announcement in each scope, in the order in which they came. Where none stands any more,
  // `withdrawn` says why: the reason of the event that took the first one back.
  arrivals() {
    const first = new Map();
    for (const { scope, time, withdrawn } of this.#allStarts()) {
      if (!first.has(scope) || (first.get(scope).withdrawn && !withdrawn)) first.set(scope, { scope, time, withdrawn });
    }
    return [...first.values()].sort((a, b) => Date.parse(a.time) - Date.parse(b.time));
  }

  // {source, id, author, created_at} of the topic's first post, as far as an event named it.
  firstPost() {
    return this.#events.find((event) => event.first_post)?.first_post ?? null;
  }

  of(scope) {
    return this.#events.filter((event) => event.scope === scope);
  }

  #allStarts() {
    const reasons = new Map(this.#events.filter(({ type }) => type === "retracted").map(({ trend, reason }) => [trend, reason ?? "posts_retracted"]));
    return this.#events.filter(({ type }) => type === "started").map((event) => ({ ...event, withdrawn: reasons.get(event.trend) }));
  }
}
