// The live board: reads where the reader wants to look from the address (#scope=country:FR&at=TIME), shows it and keeps
// it true. Events change the board at once; every few seconds the numbers between events are set right.

import { Announcer } from "./announcer.js";
import { getJson } from "./api.js";
import { BoardModel, kMovementMs } from "./board_model.js";
import { BoardView } from "./board_view.js";
import { element, setText } from "./dom.js";
import { FeedView } from "./feed_view.js";
import { count, eventText, fieldValue, fullMoment } from "./format.js";
import { groupScopes, scopeName } from "./scope_names.js";
import { Sparklines } from "./sparkline.js";
import { EventStream } from "./stream.js";
import { TopView } from "./top_view.js";

const kRefreshMs = 10_000;
const kDrawMs = 150;
const kRetryMs = 5_000;
const kRateMs = 5_000;  // a rate over less would jump
const kRows = 50;
const kMostUsed = 15;
const kEventsBack = 1000;  // how far back, in events of all scopes, the feed is filled at first
const kStates = { connecting: "Connecting", live: "Live", waiting: "Reconnecting", refused: "Refused", past: "Past" };

const part = (id) => document.getElementById(id);
const view = {
  board: new BoardView(part("rows"), new Sparklines()),
  feed: new FeedView(part("feed"), part("feed-note")),
  top: new TopView(part("most-used"), part("most-used-note")),
  announcer: new Announcer(part("announcer")),
};

let place = { scope: "world", at: null };
let visit = 0;  // answers to questions of an earlier visit are dropped
let model = new BoardModel();
let stream = null;
let timer = 0;
let frame = 0;    // the timer of the next drawing
let drawnAt = 0;
let touched = new Set();
let posts = null;  // {total, at, rate}: to tell the rate

// ---- where the reader is

function placeOfAddress() {
  const query = new URLSearchParams(location.hash.slice(1));
  const at = new Date(query.get("at") ?? "");
  return { scope: query.get("scope") || "world", at: Number.isNaN(at.getTime()) ? null : at.toISOString() };
}

function goTo(next) {
  const query = new URLSearchParams();
  if (next.scope !== "world") query.set("scope", next.scope);
  if (next.at) query.set("at", next.at);
  const hash = query.toString();
  if (hash === location.hash.slice(1)) show();
  else location.hash = hash;
}

function show() {
  visit += 1;
  place = placeOfAddress();
  stream?.stop();
  stream = null;
  clearTimeout(timer);
  clearTimeout(frame);
  frame = 0;
  touched = new Set();
  model = new BoardModel();
  view.board.render(model);
  view.feed.clear();
  view.feed.render(0);
  view.top.clear("Loading…");
  setText(part("board-time"), "");
  part("columns").hidden = true;
  part("at").value = place.at ? fieldValue(place.at) : "";
  part("live").hidden = !place.at;
  part("feed-section").hidden = place.at !== null;
  setText(part("top-title"), place.at ? "Most used, the hour before" : "Most used, last hour");
  const name = place.scope === "world" ? "" : ` · ${scopeName(place.scope)}`;
  setText(part("board-title"), (place.at ? "What trended" : "Trending now") + name);
  document.title = `${place.at ? "What trended" : "Trending"}${name} · tagswell`;
  say("Loading the board…");
  part("board").setAttribute("aria-busy", "true");
  if (place.at) showPast(visit);
  else showLive(visit);
}

// ---- the board as it is

async function showLive(mine) {
  setState("connecting");
  try {
    const stats = await getJson("/v1/stats");
    if (mine !== visit) return;
    showStats(stats);
    const [then, past] = await Promise.all([boardBefore(stats.engine_time), eventsBefore(stats.last_seq)]);
    if (mine !== visit) return;
    if (then) model.remember(then.trends, then.at);
    for (const event of past.events) view.feed.add(event);
    stream = new EventStream(place.scope, {
      hello: (hello) => {
        model.replace(hello.board, stats.engine_time);
        schedule();
        refresh(mine);
      },
      event: onEvent,
      state: setState,
      lost: show,
    });
    stream.start(past.cursor);
  } catch (error) {
    if (mine === visit) fail(error, mine);
  }
}

// What movement is told against. Before the first post the stream has no time: then nothing moved.
async function boardBefore(time) {
  const at = Date.parse(time) - kMovementMs;
  if (at < 0) return null;
  return getJson("/v1/trends", { scope: place.scope, limit: kRows, at: new Date(at).toISOString() }).catch(() => null);
}

async function eventsBefore(last) {
  const since = Math.max(0, last - kEventsBack);
  try {
    const page = await getJson("/v1/events", { scope: place.scope, since, limit: kEventsBack });
    return { events: page.events, cursor: { seq: page.next, epoch: page.epoch } };
  } catch (error) {
    if (error.status === 410) return { events: [], cursor: null };
    throw error;
  }
}

function onEvent(event, isNew) {
  if (isNew) {
    model.apply(event);
    touched.add(event.trend);
  }
  if (view.feed.add(event)) view.announcer.say(`#${event.display} ${eventText(event)}`);
  schedule();
}

async function refresh(mine) {
  clearTimeout(timer);
  const again = () => {
    if (mine === visit) timer = setTimeout(() => refresh(mine), kRefreshMs);
  };
  if (document.hidden) return again();
  try {
    const [board, top, stats] = await Promise.all([
      getJson("/v1/trends", { scope: place.scope, limit: kRows }),
      getJson("/v1/top", { scope: place.scope, window: "1h", limit: kMostUsed }),
      getJson("/v1/stats"),
    ]);
    if (mine !== visit) return;
    model.replace(board.trends, board.at);
    view.top.render(top.topics);
    showStats(stats);
    schedule();
  } catch (error) {
    // The stream tells the reader that the connection is gone; what is on the board stays.
    if (mine === visit && !part("most-used").childElementCount) view.top.say(error.message);
  }
  again();
}

// ---- the board as it was

async function showPast(mine) {
  setState("past");
  try {
    const [board, top, stats] = await Promise.all([
      getJson("/v1/trends", { scope: place.scope, limit: kRows, at: place.at }),
      getJson("/v1/top", { scope: place.scope, window: "1h", limit: kMostUsed, at: place.at }),
      getJson("/v1/stats"),
    ]);
    if (mine !== visit) return;
    const before = await boardBefore(place.at);
    if (mine !== visit) return;
    showStats(stats);
    if (before) model.remember(before.trends, before.at);
    model.replace(board.trends, board.at);
    view.top.render(top.topics);
    schedule();
  } catch (error) {
    if (mine === visit) fail(error, mine);
  }
}

// ---- drawing

// However many events come, the page is drawn a few times a second: nobody reads faster.
function schedule() {
  if (frame) return;
  const mine = visit;
  const wait = Math.max(0, drawnAt + kDrawMs - performance.now());
  frame = setTimeout(() => requestAnimationFrame(() => mine === visit && draw()), wait);
}

function draw() {
  frame = 0;
  drawnAt = performance.now();
  view.board.render(model, touched);
  touched = new Set();
  view.feed.render(model.now);
  part("board").setAttribute("aria-busy", "false");
  part("columns").hidden = model.rows.length === 0;
  setText(part("board-time"), model.now ? `as of ${fullMoment(model.now)}` : "");
  if (model.rows.length > 0) say();
  else sayEmpty();
}

function say(...lines) {
  const note = part("note");
  note.hidden = lines.length === 0;
  note.replaceChildren(...lines.map((line) => (typeof line === "string" ? element("p", {}, line) : line)));
}

function sayEmpty() {
  if (posts?.total === 0) {
    const command = element("pre", {}, element("code", {},
      `curl ${location.origin}/v1/posts \\\n  -H 'Content-Type: application/json' \\\n` +
      `  -d '{"id": "1", "source": "demo", "author": "ada",\n` +
      `       "created_at": "${new Date().toISOString()}", "text": "Hello #world"}'`));
    say("No posts yet. The first one can come from here:", command);
  } else {
    say(`Nothing trends ${place.at ? "here at that time" : "here now"}.`,
      "A topic appears when clearly more people use it than its own past explains.");
  }
}

function fail(error, mine) {
  const button = element("button", { type: "button" }, "Try now");
  button.addEventListener("click", show);
  say(`The board cannot be read. ${error.message}`, button);
  part("board").setAttribute("aria-busy", "false");
  view.top.clear("");
  setState(error.status >= 400 && error.status < 500 ? "refused" : "waiting");
  clearTimeout(timer);
  timer = setTimeout(() => mine === visit && show(), kRetryMs);
}

function setState(state, detail = "") {
  const node = part("connection");
  node.dataset.state = state;
  setText(node, kStates[state]);
  node.title = detail;
  document.body.classList.toggle("stale", state === "waiting" || state === "refused");
}

function showStats(stats) {
  const now = performance.now();
  if (!posts || now - posts.at >= kRateMs) {
    const rate = posts ? Math.max(0, ((stats.posts - posts.total) * 1000) / (now - posts.at)) : null;
    posts = { total: stats.posts, at: now, rate };
  }
  const figures = [
    ["posts", count(stats.posts)],
    ["posts a second", posts.rate === null ? "–" : count(posts.rate)],
    ["topics seen", count(stats.topics_seen)],
    ["running trends", count(stats.trends)],
    ["not yet counted", count(stats.lag_posts)],
  ];
  part("figures").replaceChildren(
    ...figures.map(([name, value]) => element("div", {}, element("dt", {}, name), element("dd", {}, value))));
  showScopes(stats.scopes);
}

function showScopes(scopes) {
  const select = part("scope");
  // The scope asked for stays in the list though nobody posted in it yet.
  const all = [...new Set([...scopes, place.scope])];
  if (select.dataset.shown !== all.join(" ")) {
    select.dataset.shown = all.join(" ");
    const option = ({ scope, name }) => element("option", { value: scope }, name);
    select.replaceChildren(option({ scope: "world", name: "World" }),
      ...groupScopes(all).map(({ label, scopes: of }) => element("optgroup", { label }, ...of.map(option))));
  }
  select.value = place.scope;
}

part("scope").addEventListener("change", (event) => goTo({ ...place, scope: event.target.value }));
part("live").addEventListener("click", () => goTo({ ...place, at: null }));
part("controls").addEventListener("submit", (event) => {
  event.preventDefault();
  const at = new Date(part("at").value);
  goTo({ ...place, at: Number.isNaN(at.getTime()) ? null : at.toISOString() });
});
addEventListener("hashchange", show);
document.addEventListener("visibilitychange", () => {
  if (!document.hidden && stream) refresh(visit);
});
show();
