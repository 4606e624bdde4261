// What the board asks for beside the board itself: how it stood before, and what happened.

import { getJson } from "./api.js";
import { kMovementMs } from "./board_model.js";

export const kRows = 50;
const kEventsBack = 1000;   // how far back, in events of all scopes, the feed is filled at first
const kStartsBack = 20_000;
export const kStarts = 1000;

// What movement is told against. Before the first post the stream has no time: then nothing moved.
export async function boardBefore(time, scope) {
  const at = Date.parse(time) - kMovementMs;
  if (at < 0) return null;
  return getJson("/v1/trends", { scope, limit: kRows, at: new Date(at).toISOString() }).catch(() => null);
}

export async function eventsBefore(last, scope) {
  const since = Math.max(0, last - kEventsBack);
  try {
    const page = await getJson("/v1/events", { scope, since, limit: kEventsBack });
    return { events: page.events, cursor: { seq: page.next, epoch: page.epoch } };
  } catch (error) {
    if (error.status === 410) return { events: [], cursor: null };
    throw error;
  }
}

// When trends started in this scope, milliseconds. Marks help, but nothing fails without them: null where the server does
// not tell.
export async function startsBefore(last, scope) {
  const question = { scope, type: "started", since: Math.max(0, last - kStartsBack), limit: kStarts };
  const page = await getJson("/v1/events", question).catch(() => null);
  return page && page.events.map((event) => Date.parse(event.time));
}
