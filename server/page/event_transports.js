// The two ways to trend events. Both call, in this order: hello({epoch, seq, board}) once, event(event) for each after the
// cursor, closed(hadHello) at the end; nothing after close().
//
// A browser cannot send a token with a WebSocket. With one, the same events come as an event stream that fetch reads.

import { ask, getJson, queryString } from "./api.js";
import { streamPath } from "./chosen_stream.js";
import { keptToken } from "./token.js";

// parameters: of /v1/events, with `since` and `epoch` where the reader goes on.
export function openTransport(parameters, handlers) {
  return keptToken() ? openByFetch(parameters, handlers) : openSocket(parameters, handlers);
}

function openSocket(parameters, { hello, event, closed }) {
  const url = new URL(`${streamPath("/v1/events")}?${queryString(parameters)}`, location.href);
  url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
  const socket = new WebSocket(url);
  let open = true;
  let greeted = false;
  socket.onmessage = ({ data }) => {
    if (!open) return;
    const message = JSON.parse(data);
    if (message.type === "hello") {
      greeted = true;
      hello(message);
    } else {
      event(message);
    }
  };
  socket.onclose = () => open && closed(greeted);
  return {
    close: () => {
      open = false;
      // A browser complains of a socket that is closed before it is open.
      if (socket.readyState === WebSocket.CONNECTING) socket.onopen = () => socket.close();
      else socket.close();
    },
  };
}

function openByFetch(parameters, handlers) {
  const abort = new AbortController();
  readEvents(parameters, handlers, abort.signal).then((greeted) => abort.signal.aborted || handlers.closed(greeted));
  return { close: () => abort.abort() };
}

async function readEvents(parameters, { hello, event }, signal) {
  let greeted = false;
  try {
    // The stats come first: the board then holds all up to their seq, and events told again change nothing.
    const stats = await getJson("/v1/stats");
    const board = await getJson("/v1/trends", { scope: parameters.scope, limit: 50 });
    const cursor = { since: parameters.since ?? stats.last_seq, epoch: parameters.epoch ?? stats.epoch };
    const response = await ask("/v1/events", { parameters: { ...parameters, ...cursor }, accept: "text/event-stream", signal });
    if (signal.aborted) return greeted;
    greeted = true;
    hello({ epoch: stats.epoch, seq: stats.last_seq, board: board.trends });
    let rest = "";
    for await (const text of textOf(response.body)) {
      const blocks = (rest + text).split("\n\n");
      rest = blocks.pop();
      for (const block of blocks) {
        const data = block.split("\n").find((line) => line.startsWith("data:"));
        if (data && !signal.aborted) event(JSON.parse(data.slice("data:".length)));
      }
    }
  } catch {
    // Whoever asked is told by closed() that it is over.
  }
  return greeted;
}

async function* textOf(body) {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    yield value;
  }
}
