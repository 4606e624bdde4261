// Trend events, live: goes on after the last event it saw, whatever breaks in between.
//
// handlers.hello({board, seq})               on every connection; a whole board of the scope that was asked for
// handlers.event(event, isNew)               each event once, in order; isNew: later than the board of the last hello
// handlers.state(name, error)                "connecting" | "live" | "waiting" | "refused"
// handlers.lost()                            events were missed for good (the log no longer reaches back)

import { ApiError, getJson } from "./api.js";
import { openTransport } from "./event_transports.js";

const kFirstWaitMs = 500;
const kLongestWaitMs = 20_000;

export class EventStream {
  #filter;
  #handlers;
  #cursor = null;  // {seq, epoch} of the last event seen
  #transport = null;
  #timer = 0;      // of the next attempt, 0 while there is a transport
  #failures = 0;
  #stopped = false;
  #onOnline = () => this.#hurry();

  // filter: scope, topic and type as /v1/events takes them.
  constructor(filter, handlers) {
    this.#filter = filter;
    this.#handlers = handlers;
    addEventListener("online", this.#onOnline);
  }

  // cursor: {seq, epoch} to go on after, or null: from now.
  start(cursor) {
    this.#cursor = cursor;
    this.#connect();
  }

  stop() {
    this.#stopped = true;
    clearTimeout(this.#timer);
    removeEventListener("online", this.#onOnline);
    this.#transport?.close();
  }

  #parameters() {
    return { ...this.#filter, since: this.#cursor?.seq, epoch: this.#cursor?.epoch };
  }

  #connect() {
    this.#timer = 0;
    this.#handlers.state("connecting");
    let boardSeq = 0;
    this.#transport = openTransport(this.#parameters(), {
      hello: (hello) => {
        boardSeq = hello.seq;
        this.#failures = 0;
        this.#cursor ??= { seq: hello.seq, epoch: hello.epoch };
        this.#handlers.hello(hello);
        this.#handlers.state("live");
      },
      event: (event) => {
        if (event.seq <= this.#cursor.seq) return;
        this.#cursor = { seq: event.seq, epoch: event.epoch };
        this.#handlers.event(event, event.seq > boardSeq);
      },
      closed: (greeted) => (greeted ? this.#wait() : this.#askWhy()),
    });
  }

  // A browser does not tell why an upgrade was refused; the same question over HTTP does.
  async #askWhy() {
    try {
      await getJson("/v1/events", { ...this.#parameters(), limit: 1 });
      this.#wait();
    } catch (error) {
      if (this.#stopped) return;
      const status = error instanceof ApiError ? error.status : 0;
      if (status === 410 && this.#cursor) {
        this.#cursor = null;
        this.#handlers.lost();
        if (!this.#stopped) this.#connect();
        return;
      }
      this.#wait(status >= 400 && status < 500 ? error : null);
    }
  }

  #wait(refusal = null) {
    if (this.#stopped) return;
    this.#handlers.state(refusal ? "refused" : "waiting", refusal);
    // Half to the whole of a doubling wait: a thousand boards must not come back in the same instant.
    const longest = Math.min(kLongestWaitMs, kFirstWaitMs * 2 ** this.#failures);
    this.#failures += 1;
    this.#timer = setTimeout(() => this.#connect(), longest * (0.5 + Math.random() / 2));
  }

  #hurry() {
    if (this.#stopped || !this.#timer) return;
    clearTimeout(this.#timer);
    this.#connect();
  }
}
