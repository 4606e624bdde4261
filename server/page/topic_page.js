// A topic's own page: why it trends or does not, its curve, what happened, where, and its posts. Events of the topic and
// the passing of time make it read again what changed.

import { addressOf, kRanges, kWorld } from "./address.js";
import { ApiError, getJson, topicPath } from "./api.js";
import { element, part, setText, tagName } from "./dom.js";
import { eventText, fullMoment, moment, reason } from "./format.js";
import { HistoryChart } from "./history_chart.js";
import { historyQuestion, historySeries, kHistoryRanges } from "./history_range.js";
import { Pace } from "./pace.js";
import { PostsView } from "./posts_view.js";
import { scopeName } from "./scope_names.js";
import { kStoryTypes, Story } from "./story.js";
import * as sections from "./story_view.js";
import { EventStream } from "./stream.js";

const kRefreshMs = 10_000;
const kSettleMs = 500;  // events of one minute come together
const kPosts = 20;
const kEventsPage = 1000;

const kWhyNot = {
  blocked: "It is blocked by the operator.",
  too_few_authors: "Fewer than five people used it within three hours.",
  too_recent: "All its people came within the last minutes: whether they just repeat themselves is not known yet.",
  not_surprising: "Its own past or chance explain that many.",
  scope_too_new: "Too little is known about this part of the stream yet.",
  below_earlier_peak: "It was louder lately, or many others start at the moment.",
  rejected: "The operators do not show it.",
  awaits_review: "It waits for the operators' yes.",
  not_yet_judged: "The next minute will tell.",
};

export class TopicPage {
  #frame;
  #chart = new HistoryChart(part("history"));
  #posts = new PostsView(part("posts"), part("posts-note"));
  #pace = new Pace(() => this.#draw());
  #place = null;
  #visit = 0;  // answers to questions of an earlier visit are dropped
  #stream = null;
  #timer = 0;
  #story = new Story();
  #told = null;       // {topic, explained, series, now}: the last answers
  #list = [];         // posts, newest first
  #next = null;       // cursor of the posts before those
  #firstPost = null;  // in its stored form

  constructor(frame) {
    this.#frame = frame;
    part("posts-more").addEventListener("click", () => this.#readEarlier(this.#visit));
    document.addEventListener("visibilitychange", () => {
      if (!document.hidden && this.#stream) this.#refresh(this.#visit);
    });
  }

  open(place) {
    const before = this.#place;
    this.close();
    this.#place = place;
    const another = before?.topic !== place.topic || before.scope !== place.scope;
    if (another) this.#clear();
    part("ranges").replaceChildren(...kRanges.map((range) => element("a", {
      href: addressOf({ ...place, range }), "aria-current": range === place.range ? "true" : null,
    }, kHistoryRanges[range].name)));
    this.#start(this.#visit);
  }

  close() {
    this.#visit += 1;
    this.#place = null;
    this.#stream?.stop();
    this.#stream = null;
    clearTimeout(this.#timer);
    this.#pace.stop();
  }

  #clear() {
    this.#story = new Story();
    this.#told = null;
    this.#list = [];
    this.#firstPost = null;
    this.#name(this.#place.topic);
    setText(part("topic-time"), "");
    part("verdict").replaceChildren();
    part("topic-sections").replaceChildren();
    part("topic-side").replaceChildren();
    part("topic-main").hidden = part("topic-posts").hidden = true;
    this.#posts.render([], 0);
    this.#say("Loading…");
  }

  #name(display) {
    const { scope } = this.#place;
    const title = part("topic-title");
    if (title.dataset.shown !== `${display} ${scope}`) {
      title.dataset.shown = `${display} ${scope}`;
      title.replaceChildren(tagName(display), scope === kWorld ? "" : ` · ${scopeName(scope)}`);
    }
    this.#frame.title(`#${display}`);
  }

  async #start(mine) {
    this.#frame.setState("connecting");
    try {
      const cursor = await this.#readEvents(mine);
      if (mine !== this.#visit) return;
      this.#stream = new EventStream({ topic: this.#place.topic, type: kStoryTypes }, {
        hello: () => this.#told && this.#refresh(mine),
        event: (event) => {
          this.#story.add(event);
          this.#pace.soon();
          clearTimeout(this.#timer);
          this.#timer = setTimeout(() => this.#refresh(mine), kSettleMs);
        },
        state: (state, error) => this.#frame.setState(state, error),
        lost: () => {
          this.#story = new Story();
          this.open(this.#place);
        },
      });
      this.#stream.start(cursor);
      this.#refresh(mine);  // where a proxy lets no stream pass, the page still shows and renews itself
    } catch (error) {
      if (mine === this.#visit) this.#fail(error);
    }
  }

  // All there are, page by page; gives the cursor to go on from.
  async #readEvents(mine) {
    for (let since; ;) {
      const question = { topic: this.#place.topic, type: kStoryTypes, limit: kEventsPage, since };
      const page = await getJson("/v1/events", question);
      if (mine !== this.#visit) return null;
      for (const event of page.events) this.#story.add(event);
      if (page.events.length < kEventsPage) return { seq: page.next, epoch: page.epoch };
      since = page.next;
    }
  }

  async #refresh(mine) {
    clearTimeout(this.#timer);
    try {
      if (!document.hidden) await this.#read(mine);
    } catch (error) {
      // What is on the page stays; the connection's state is told by the stream.
      if (mine === this.#visit && !this.#told) return this.#fail(error);
    }
    if (mine === this.#visit) this.#timer = setTimeout(() => this.#refresh(mine), kRefreshMs);
  }

  async #read(mine) {
    const { topic, scope, range } = this.#place;
    const stats = await getJson("/v1/stats");
    const now = Date.parse(stats.engine_time);
    const [story, history, latest] = await Promise.all([
      orNothing(getJson(topicPath(topic), { scope })),
      getJson(topicPath(topic, "/history"), { scope, ...historyQuestion(range, now) }),
      getJson(topicPath(topic, "/posts"), { limit: kPosts }),
    ]);
    const explained = story && (await orNothing(getJson(topicPath(topic, "/explain"), { scope })));
    const first = this.#firstPost ?? (await this.#readFirstPost(story));
    if (mine !== this.#visit) return;
    this.#frame.showStats(stats, scope);
    this.#firstPost = first;
    this.#told = { story, explained, history, series: historySeries(range, history), now };
    this.#addPosts(latest);
    this.#pace.soon();
  }

  // The server's word for it, or the one of an event; whole, where the post still stands.
  async #readFirstPost(story) {
    const named = story?.first_post ?? this.#story.firstPost();
    if (!named) return null;
    const path = `/v1/posts/${encodeURIComponent(named.source)}/${encodeURIComponent(named.id)}`;
    return (await orNothing(getJson(path))) ?? null;
  }

  // Newer ones go in front. More than a page came in between: the list begins again.
  #addPosts({ posts, next }) {
    const key = (post) => `${post.source} ${post.id}`;
    const known = new Set(this.#list.map(key));
    const fresh = posts.filter((post) => !known.has(key(post)));
    if (fresh.length === posts.length) {
      this.#list = posts;
      this.#next = next;
    } else {
      this.#list = [...fresh, ...this.#list];
    }
  }

  async #readEarlier(mine) {
    try {
      const { posts, next } = await getJson(topicPath(this.#place.topic, "/posts"), { limit: kPosts, before: this.#next });
      if (mine !== this.#visit) return;
      this.#list = [...this.#list, ...posts];
      this.#next = next;
      this.#pace.soon();
    } catch (error) {
      if (mine === this.#visit) this.#posts.say(error.message);
    }
  }

  // ---- drawing

  #draw() {
    if (!this.#told) return;
    const { story, explained, history, series, now } = this.#told;
    const { scope, topic } = this.#place;
    const nothing = !story && history.steps.length === 0 && this.#list.length === 0 && this.#story.events.length === 0;
    this.#name(history.display || topic);
    setText(part("topic-time"), now > 0 ? `as of ${fullMoment(now)}` : "");
    part("topic-main").hidden = part("topic-posts").hidden = nothing;
    if (nothing) {
      part("verdict").replaceChildren();
      return this.#say("Nobody used this topic here.", "The search offers what is used within a day.");
    }
    this.#say();
    this.#drawVerdict(story, explained, now);
    this.#chart.show(series, this.#story.starts(scope).map(timeOf), this.#story.milestones(scope).map((event) => ({
      time: timeOf(event), name: eventText(event),
    })));
    this.#posts.render(this.#list, now);
    setText(part("posts-title"), scope === kWorld ? "Latest posts" : "Latest posts, of the whole world");
    part("posts-more").hidden = this.#next === null;
    replace(part("topic-sections"),
      sections.eventsSection(this.#story.of(scope), now),
      sections.postSection("Origin", story?.origin),
      sections.carriersSection(story?.carriers));
    replace(part("topic-side"),
      story && sections.windowsSection(story.windows),
      sections.arrivalsSection("Announced, in order", this.#story.arrivals(), story?.trends ?? [], topic),
      sections.arrivalsSection("First used, in order", story?.arrivals ?? [], [], topic),
      sections.successorsSection(story?.successors, scope, now),
      sections.sistersSection(story?.sisters, scope),
      sections.relatedSection(story?.related, scope),
      sections.postSection("First post", this.#firstPost));
  }

  #drawVerdict(story, explained, now) {
    const row = story?.trends.find((trend) => trend.scope === this.#place.scope);
    const lines = [];
    if (row) {
      lines.push(element("p", { class: "state" }, `Trends${row.rank > 0 ? ` at number ${row.rank}` : ""} since ${moment(row.started_at, now)}.`));
    } else {
      const why = (explained?.failed ?? []).map((rule) => kWhyNot[rule] ?? rule.replaceAll("_", " ")).join(" ");
      lines.push(element("p", { class: "state" }, "Does not trend now. ", story ? why : "Nothing was posted under it within a day."));
    }
    if (explained) lines.push(element("p", {}, reason(explained.explanation, now), " ", element("span", { class: "soft" }, sections.chanceText(explained))));
    part("verdict").replaceChildren(...lines);
  }

  #say(...lines) {
    const note = part("topic-note");
    note.hidden = lines.length === 0;
    note.replaceChildren(...lines.map((line) => (typeof line === "string" ? element("p", {}, line) : line)));
  }

  #fail(error) {
    const mine = this.#visit;
    const again = () => mine === this.#visit && this.open(this.#place);
    this.#say(`The topic cannot be read. ${error.message}`, this.#frame.waysOut(error, again));
    this.#frame.setState(error.status >= 400 && error.status < 500 ? "refused" : "waiting", error);
    if (!error.isRefusal) this.#timer = setTimeout(again, kRefreshMs);
  }
}

// What did not change stays as it is: a reader may be in it.
function replace(node, ...children) {
  const before = [...node.children];
  node.replaceChildren(...children.filter(Boolean).map((child) => before.find((old) => old.isEqualNode(child)) ?? child));
}

const timeOf = (event) => Date.parse(event.time);

// null where the server has nothing (any more).
async function orNothing(answer) {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof ApiError && error.status === 404) return null;
    throw error;
  }
}
