// The board of one scope, as it is or as it was. Live, events change it at once, and every few seconds the numbers between
// events are set right.

import { kWorld } from "./address.js";
import { Announcer } from "./announcer.js";
import { getJson } from "./api.js";
import { BoardModel } from "./board_model.js";
import { boardBefore, eventsBefore, kRows, kStarts, startsBefore } from "./board_reads.js";
import { BoardView } from "./board_view.js";
import { element, part, setText } from "./dom.js";
import { FeedView } from "./feed_view.js";
import { eventText, fullMoment } from "./format.js";
import { Pace } from "./pace.js";
import { scopeName } from "./scope_names.js";
import { Sparklines } from "./sparkline.js";
import { EventStream } from "./stream.js";
import { TimeSlider } from "./time_slider.js";
import { TopView } from "./top_view.js";

const kRefreshMs = 10_000;
const kRetryMs = 5_000;
const kSettleMs = 300;  // an address for each minute that a thumb passes would flood the history
const kMostUsed = 15;

export class BoardPage {
  #frame;
  #board = new BoardView(part("rows"), new Sparklines());
  #feed = new FeedView(part("feed"), part("feed-note"));
  #top = new TopView(part("most-used"), part("most-used-note"));
  #announcer = new Announcer(part("announcer"));
  #slider = new TimeSlider((at, { settled }) => this.#travel(at, settled));
  #pace = new Pace(() => this.#draw());
  #place = null;
  #visit = 0;  // answers to questions of an earlier visit are dropped
  #model = new BoardModel();
  #stream = null;
  #timer = 0;
  #settling = 0;
  #touched = new Set();
  #stats = null;
  #reading = false;  // a past board is being read
  #starts = [];

  constructor(frame) {
    this.#frame = frame;
    document.addEventListener("visibilitychange", () => {
      if (!document.hidden && this.#stream) this.#refresh(this.#visit);
    });
  }

  open(place) {
    const before = this.#place;
    // On the way to another minute what is shown stays until the new board is there.
    const travels = place.at && before?.scope === place.scope;
    this.close();
    this.#place = place;
    if (before?.scope !== place.scope) this.#showStarts([]);
    if (!travels) this.#clear();
    part("board").setAttribute("aria-busy", "true");
    this.#showWhere();
    if (place.at) this.#showPast();
    else this.#showLive(this.#visit);
  }

  close() {
    this.#visit += 1;
    this.#place = null;
    this.#stream?.stop();
    this.#stream = null;
    clearTimeout(this.#timer);
    clearTimeout(this.#settling);
    this.#pace.stop();
  }

  #clear() {
    this.#touched = new Set();
    this.#model = new BoardModel();
    this.#board.render(this.#model);
    this.#feed.clear();
    this.#feed.render(0);
    this.#top.clear("Loading…");
    setText(part("board-time"), "");
    part("columns").hidden = true;
    this.#say("Loading the board…");
  }

  #showWhere() {
    const { scope, at } = this.#place;
    this.#slider.show(at, this.#newest());
    part("feed-section").hidden = at !== null;
    setText(part("top-title"), at ? "Most used, the hour before" : "Most used, last hour");
    const name = scope === kWorld ? "" : ` · ${scopeName(scope)}`;
    setText(part("board-title"), (at ? "What trended" : "Trending now") + name);
    this.#frame.title(`${at ? "What trended" : "Trending"}${name}`);
  }

  // ---- the board as it is

  async #showLive(mine) {
    this.#frame.setState("connecting");
    const { scope } = this.#place;
    try {
      const stats = await getJson("/v1/stats");
      if (mine !== this.#visit) return;
      this.#showStats(stats);
      const [then, past] = await Promise.all([
        boardBefore(stats.engine_time, scope), eventsBefore(stats.last_seq, scope), this.#readStarts(stats.last_seq, mine),
      ]);
      if (mine !== this.#visit) return;
      if (then) this.#model.remember(then.trends, then.at);
      for (const event of past.events) this.#feed.add(event);
      this.#stream = new EventStream({ scope }, {
        hello: (hello) => {
          this.#model.replace(hello.board, stats.engine_time);
          this.#pace.soon();
        },
        event: (event, isNew) => this.#onEvent(event, isNew),
        state: (state, error) => this.#frame.setState(state, error),
        lost: () => this.open(this.#place),
      });
      this.#stream.start(past.cursor);
      this.#refresh(mine);  // where a proxy lets no stream pass, the board still shows and renews itself
    } catch (error) {
      if (mine === this.#visit) this.#fail(error);
    }
  }

  #onEvent(event, isNew) {
    if (isNew) {
      this.#model.apply(event);
      this.#touched.add(event.trend);
      if (event.type === "started") this.#showStarts([...this.#starts, Date.parse(event.time)]);
    }
    if (this.#feed.add(event)) this.#announcer.say(`#${event.display} ${eventText(event)}`);
    this.#pace.soon();
  }

  async #refresh(mine) {
    clearTimeout(this.#timer);
    const { scope } = this.#place;
    try {
      if (!document.hidden) {
        const [board, top, stats] = await Promise.all([
          getJson("/v1/trends", { scope, limit: kRows }),
          getJson("/v1/top", { scope, window: "1h", limit: kMostUsed }),
          getJson("/v1/stats"),
        ]);
        if (mine !== this.#visit) return;
        this.#model.replace(board.trends, board.at);
        this.#top.render(top.topics, scope);
        this.#showStats(stats);
        this.#slider.show(null, this.#newest());
        this.#pace.soon();
      }
    } catch (error) {
      // The stream tells the reader that the connection is gone; what is on the board stays.
      if (mine === this.#visit && !part("most-used").childElementCount) this.#top.say(error.message);
    }
    if (mine === this.#visit) this.#timer = setTimeout(() => this.#refresh(mine), kRefreshMs);
  }

  // ---- the board as it was

  #travel(at, settled) {
    clearTimeout(this.#settling);
    const place = { ...this.#place, at };
    const quiet = this.#place.at !== null && at !== null;
    if (settled || (at === null) !== (this.#place.at === null)) return this.#frame.go(place, { quiet });
    this.#settling = setTimeout(() => this.#frame.go(place, { quiet: true }), kSettleMs);
    this.#place = place;
    this.#showWhere();
    this.#showPast();
  }

  // One board at a time is read; while the reader drags, the one to read next is where the thumb is then.
  async #showPast() {
    this.#frame.setState("past");
    if (this.#reading) return;
    this.#reading = true;
    try {
      for (let shown = null; this.#place?.at && shown !== this.#key();) {
        shown = this.#key();
        await this.#readPast(this.#visit);
      }
    } finally {
      this.#reading = false;
    }
  }

  #key() {
    return `${this.#place?.at} ${this.#place?.scope} ${this.#visit}`;
  }

  async #readPast(mine) {
    const { scope, at } = this.#place;
    try {
      const [board, top, stats, before] = await Promise.all([
        getJson("/v1/trends", { scope, limit: kRows, at }),
        getJson("/v1/top", { scope, window: "1h", limit: kMostUsed, at }),
        this.#stats ?? getJson("/v1/stats"),
        boardBefore(at, scope),
      ]);
      if (mine !== this.#visit) return;
      this.#showStats(stats);
      this.#slider.show(this.#place.at, this.#newest());
      this.#model = new BoardModel();
      if (before) this.#model.remember(before.trends, before.at);
      this.#model.replace(board.trends, board.at);
      this.#top.render(top.topics, scope);
      this.#pace.soon();
      if (this.#starts.length === 0) this.#readStarts(stats.last_seq, mine);
    } catch (error) {
      if (mine === this.#visit) this.#fail(error);
    }
  }

  async #readStarts(last, mine) {
    const starts = await startsBefore(last, this.#place.scope);
    if (starts && mine === this.#visit) this.#showStarts(starts);
  }

  #showStarts(starts) {
    this.#starts = starts.slice(-kStarts);
    this.#slider.showStarts(this.#starts);
  }

  // ---- drawing

  #draw() {
    const model = this.#model;
    this.#board.render(model, this.#touched);
    this.#touched = new Set();
    this.#feed.render(model.now);
    part("board").setAttribute("aria-busy", "false");
    part("columns").hidden = model.rows.length === 0;
    setText(part("board-time"), model.now > 0 ? `as of ${fullMoment(model.now)}` : "");
    if (model.rows.length > 0) this.#say();
    else this.#sayEmpty();
  }

  #showStats(stats) {
    this.#stats = stats;
    this.#frame.showStats(stats, this.#place.scope);
  }

  // Stream time, milliseconds; 0 before the first post.
  #newest() {
    return this.#stats?.posts > 0 ? Date.parse(this.#stats.engine_time) : 0;
  }

  #say(...lines) {
    const note = part("note");
    note.hidden = lines.length === 0;
    note.replaceChildren(...lines.map((line) => (typeof line === "string" ? element("p", {}, line) : line)));
  }

  #sayEmpty() {
    if (this.#stats?.posts === 0) {
      const command = element("pre", {}, element("code", {},
        `curl ${location.origin}/v1/posts \\\n  -H 'Content-Type: application/json' \\\n` +
        `  -d '{"id": "1", "source": "demo", "author": "ada",\n` +
        `       "created_at": "${new Date().toISOString()}", "text": "Hello #world"}'`));
      this.#say("No posts yet. The first one can come from here:", command);
    } else {
      this.#say(`Nothing trends ${this.#place.at ? "here at that time" : "here now"}.`,
        "A topic appears when clearly more people use it than its own past explains. A new stream is learned for two hours first.");
    }
  }

  #fail(error) {
    const mine = this.#visit;
    const again = () => mine === this.#visit && this.open(this.#place);
    this.#say(`The board cannot be read. ${error.message}`, this.#frame.waysOut(error, again));
    part("board").setAttribute("aria-busy", "false");
    this.#top.clear("");
    this.#frame.setState(error.status >= 400 && error.status < 500 ? "refused" : "waiting", error);
    clearTimeout(this.#timer);
    if (!error.isRefusal) this.#timer = setTimeout(again, kRetryMs);
  }
}
