// Trend events of one scope over a WebSocket: goes on after the last event it saw, whatever breaks in between.
//
// handlers.hello({board, seq, server_time})  a whole board, on every connection
// handlers.event(event, isNew)               each event once, in order; isNew: later than the board of the last hello
// handlers.state(name, detail)               "connecting" | "live" | "waiting" | "refused"
// handlers.lost()                            events were missed for good (the log no longer reaches back)

import { ApiError, getJson, queryString } from "./api.js";

const kFirstWaitMs = 500;
const kLongestWaitMs = 20_000;

export class EventStream {
  #scope;
  #handlers;
  #cursor = null;  // {seq, epoch} of the last event seen
  #socket = null;
  #timer = 0;
  #failures = 0;
  #stopped = false;
  #onOnline = () => this.#hurry();

  constructor(scope, handlers) {
    this.#scope = scope;
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
    this.#socket?.close();
  }

  #parameters() {
    return { scope: this.#scope, since: this.#cursor?.seq, epoch: this.#cursor?.epoch };
  }

  #connect() {
    this.#handlers.state("connecting");
    const url = new URL(`/v1/events?${queryString(this.#parameters())}`, location.href);
    url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
    const socket = new WebSocket(url);
    this.#socket = socket;
    let opened = false;
    let boardSeq = 0;
    socket.onmessage = ({ data }) => {
      if (this.#stopped) return;
      const message = JSON.parse(data);
      if (message.type === "hello") {
        opened = true;
        boardSeq = message.seq;
        this.#failures = 0;
        this.#cursor ??= { seq: message.seq, epoch: message.epoch };
        this.#handlers.hello(message);
        this.#handlers.state("live");
      } else if (message.seq > this.#cursor.seq) {
        this.#cursor = { seq: message.seq, epoch: message.epoch };
        this.#handlers.event(message, message.seq > boardSeq);
      }
    };
    socket.onclose = () => {
      if (this.#stopped || this.#socket !== socket) return;
      if (opened) this.#wait();
      else this.#askWhy();
    };
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
      this.#wait(status >= 400 && status < 500 ? error.message : null);
    }
  }

  #wait(refusal = null) {
    if (this.#stopped) return;
    if (refusal) this.#handlers.state("refused", refusal);
    else this.#handlers.state("waiting");
    // Half to the whole of a doubling wait: a thousand boards must not come back in the same instant.
    const longest = Math.min(kLongestWaitMs, kFirstWaitMs * 2 ** this.#failures);
    this.#failures += 1;
    this.#timer = setTimeout(() => this.#connect(), longest * (0.5 + Math.random() / 2));
  }

  #hurry() {
    if (this.#stopped || this.#socket?.readyState !== WebSocket.CLOSED) return;
    clearTimeout(this.#timer);
    this.#connect();
  }
}
