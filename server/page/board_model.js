// The board of one scope: rows by rank, changed by events and set right by each whole board that comes. No DOM.

export const kMovementMs = 15 * 60_000;

export class BoardModel {
  #rows = [];           // in order of rank
  #ranks = new Map();   // trend -> [[time, rank], ...], oldest first, reaching back kMovementMs and one entry more
  #now = 0;

  get rows() {
    return this.#rows;
  }

  // Stream time of the newest thing seen, milliseconds.
  get now() {
    return this.#now;
  }

  // Where the topics stood at an earlier time: movement is told against it until newer ranks are old enough.
  remember(rows, time) {
    const at = Date.parse(time);
    rows.forEach((row, index) => this.#ranks.set(row.trend, [[at, index + 1]]));
  }

  // A whole board, in order.
  replace(rows, time) {
    this.#rows = rows.slice();
    this.#tick(time);
  }

  // Quiet time passes too: what was new grows old.
  advance(time) {
    this.#tick(time);
  }

  apply(event) {
    const before = this.#rows.findIndex((row) => row.trend === event.trend);
    const old = before < 0 ? null : this.#rows[before];
    if (old) this.#rows.splice(before, 1);
    if (event.type !== "ended" && event.type !== "retracted" && event.rank) {
      this.#rows.splice(event.rank - 1, 0, rowAfter(old, event));
    }
    this.#tick(event.time);
  }

  // {kind: "new" | "up" | "down" | "same", places}: against the board of kMovementMs ago.
  movement(row, rank) {
    if (this.#now - Date.parse(row.started_at) < kMovementMs) return { kind: "new", places: 0 };
    const then = this.#ranks.get(row.trend)?.[0]?.[1] ?? rank;
    if (then === rank) return { kind: "same", places: 0 };
    return then > rank ? { kind: "up", places: then - rank } : { kind: "down", places: rank - then };
  }

  #tick(time) {
    this.#now = Math.max(this.#now, Date.parse(time));
    const present = new Set();
    this.#rows.forEach((row, index) => {
      present.add(row.trend);
      const samples = this.#ranks.get(row.trend) ?? [];
      if (samples.at(-1)?.[1] !== index + 1) samples.push([this.#now, index + 1]);
      // The first sample stands for the board of kMovementMs ago: drop it once the second is that old.
      while (samples.length > 1 && samples[1][0] <= this.#now - kMovementMs) samples.shift();
      this.#ranks.set(row.trend, samples);
    });
    for (const trend of this.#ranks.keys()) {
      if (!present.has(trend)) this.#ranks.delete(trend);
    }
  }
}

// The row that an event leaves behind: as the server folds them.
function rowAfter(old, event) {
  const authors = event.observed.authors;
  const peak = !old || authors >= old.peak.authors ? { at: event.time, authors } : old.peak;
  const first = event.rank === 1 ? (old?.first_since ?? event.time) : null;
  const { trend, topic, display, scope, rank, score, window, observed, expected, started_at, explanation } = event;
  return {
    trend, topic, display, scope, rank, score, window, observed, expected, started_at, explanation,
    peak,
    first_since: first,
  };
}
