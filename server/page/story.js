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

  // Starts that were not taken back, oldest first; those of one scope, or of all.
  starts(scope = null) {
    const taken = new Set(this.#events.filter(({ type }) => type === "retracted").map(({ trend }) => trend));
    return this.#events.filter((event) => event.type === "started" && !taken.has(event.trend) && (!scope || event.scope === scope));
  }

  milestones(scope) {
    return this.of(scope).filter(({ type }) => type === "milestone");
  }

  // {scope, time} of the first announcement in each scope, in the order in which they came.
  arrivals() {
    const first = new Map();
    for (const { scope, time } of this.starts()) {
      if (!first.has(scope)) first.set(scope, { scope, time });
    }
    return [...first.values()];
  }

  // {source, id, author, created_at} of the topic's first post, as far as an event named it.
  firstPost() {
    return this.#events.find((event) => event.first_post)?.first_post ?? null;
  }

  of(scope) {
    return this.#events.filter((event) => event.scope === scope);
  }
}
