// The parts of a topic's page beside its curve and posts. Each takes what the server told and gives a section, or null
// where there is nothing to show.

import { addressOf, minuteOf } from "./address.js";
import { element } from "./dom.js";
import { chance, count, eventText, fullMoment, lag, moment, plural, withdrawal } from "./format.js";
import { postNode } from "./posts_view.js";
import { scopeKind, scopeName } from "./scope_names.js";
import { topicLink } from "./topic_link.js";

const kArrivalsShown = 12;
const kListed = 10;
const kCarriersShown = 5;
const kKinds = ["World", "Countries", "Languages", "Networks"];
const kWindows = { "5m": "5 minutes", "1h": "hour", "6h": "6 hours", "12h": "12 hours", "24h": "24 hours" };

// title, lead (a sentence, or null), content nodes.
function section(title, lead, ...content) {
  const id = `s-${title.toLowerCase().replaceAll(/\W+/g, "-")}`;
  return element("section", { "aria-labelledby": id }, element("h2", { id }, title),
    lead ? element("p", { class: "soft lead" }, lead) : null, ...content);
}

// The board of that minute, named by it.
function thenLink(time, scope, now) {
  const link = element("a", { href: addressOf({ scope, at: minuteOf(time) }), title: "The board at that time" });
  link.append(element("time", { datetime: time }, moment(time, now)));
  return link;
}

export function windowsSection(windows) {
  const rows = Object.entries(kWindows).filter(([name]) => windows[name]).map(([name, label]) =>
    element("tr", {}, element("th", { scope: "row" }, label),
      element("td", {}, count(windows[name].posts)), element("td", {}, count(windows[name].authors))));
  return section("How much", null, element("table", {},
    element("thead", {}, element("tr", {}, element("th", { scope: "col" }, "In the last"),
      element("th", { scope: "col" }, "posts"), element("th", { scope: "col" }, "people"))),
    element("tbody", {}, ...rows)));
}

// arrivals: {scope, time, withdrawn} in order. trends: rows of /v1/trends, of all scopes: where it trends now its rank stands.
export function arrivalsSection(title, arrivals, trends, topic) {
  if (arrivals.length === 0) return null;
  const [first] = arrivals;
  const ranks = new Map(trends.map(({ scope, rank }) => [scope, rank]));
  const item = ({ scope, time, withdrawn }) => {
    const late = Date.parse(time) - Date.parse(first.time);
    const when = thenLink(time, scope, first.time);
    const rank = ranks.get(scope);
    return element("li", {},
      element("span", {}, element("a", { href: addressOf({ page: "topic", topic, scope }) }, scopeName(scope)),
        rank > 0 ? element("span", { class: "soft", title: `number ${count(rank)} there now` }, ` no. ${count(rank)}`) : null,
        withdrawn ? element("span", { class: "soft" }, ` withdrawn: it ${withdrawal(withdrawn)}`) : null),
      element("span", { class: "soft" }, when),
      element("span", { class: "soft" }, late > 0 ? `+${lag(late)}` : ""));
  };
  const lists = kKinds.flatMap((kind) => {
    const of = arrivals.filter(({ scope }) => scopeKind(scope) === kind);
    if (of.length === 0) return [];
    const list = element("ol", { class: "pairs arrivals" }, ...of.slice(0, kArrivalsShown).map(item));
    return kind === "World" ? [list] : [element("h3", {}, kind), list];
  });
  return section(title, `First in ${scopeName(first.scope)}, ${fullMoment(first.time)}.`, ...lists);
}

// What was announced here, oldest first.
export function eventsSection(events, now) {
  const told = events.filter((event) => eventText(event) !== null);
  if (told.length === 0) return null;
  const items = told.map((event) => {
    const within = event.milestone?.since_counted_from_s;
    return element("li", { "data-type": event.type }, thenLink(event.time, event.scope, now),
      element("p", {}, sentence(eventText(event)), within ? element("span", { class: "soft" }, ` within ${lag(within * 1000)}`) : null));
  });
  return section("What happened", null, element("ol", { class: "feed events" }, ...items));
}

const sentence = (text) => text[0].toUpperCase() + text.slice(1);

// post: in its stored form, perhaps with `replies` and `reposts`.
export function postSection(title, post) {
  if (!post) return null;
  const carried = [
    post.replies ? plural(post.replies, "reply", "replies") : null, post.reposts ? plural(post.reposts, "repost", "reposts") : null,
  ].filter(Boolean).join(", ");
  return section(title, carried || null, element("ul", { class: "posts" }, postNode(post)));
}

// A line: whose post or account it is, and the count that puts it here.
function carrierLine(one, told) {
  const name = element("bdi");
  name.textContent = one.author ?? one.id;
  return element("li", {}, element("span", {}, name, element("span", { class: "soft" }, ` ${one.source ?? ""}`)),
    element("span", { class: "soft" }, told));
}

// carriers: {most_reposted, most_replied_to: posts with their counts; largest: accounts with their followers}.
export function carriersSection(carriers) {
  const lists = [
    ["Most reposted", carriers?.most_reposted, (one) => plural(one.reposts, "repost", "reposts")],
    ["Most answered", carriers?.most_replied_to, (one) => plural(one.replies, "reply", "replies")],
    ["Largest accounts", carriers?.largest, (one) => plural(one.followers, "follower", "followers")],
  ].filter(([, list]) => list?.length);
  if (lists.length === 0) return null;
  return section("Carried by", null, ...lists.flatMap(([title, list, told]) => [
    element("h3", {}, title),
    element("ol", { class: "pairs" }, ...list.slice(0, kCarriersShown).map((one) => carrierLine(one, told(one)))),
  ]));
}

// related: {topic, display, lift}.
export function relatedSection(related, scope) {
  if (!related?.length) return null;
  const items = related.slice(0, kListed).map((one) =>
    element("li", {}, topicLink(one, scope, { short: true }), element("span", { class: "soft" }, `${count(one.lift)} × as often as by chance`)));
  return section("Related", null, element("ol", { class: "pairs" }, ...items));
}

// kin: {topic, display, first_at, authors, carriers, lang}; told(one): what it is to this topic.
function kinSection(title, kin, scope, told) {
  if (!kin?.length) return null;
  const items = kin.map((one) => element("li", {}, topicLink(one, scope, { short: true }), element("span", { class: "soft" }, told(one))));
  return section(title, null, element("ol", { class: "pairs" }, ...items));
}

export function successorsSection(successors, scope, now) {
  return kinSection("What grew out of it", successors, scope, (one) =>
    `since ${moment(one.first_at, now)}; ${count(one.carriers)} of its first ${plural(one.authors, "person", "people")} came from here`);
}

export function sistersSection(sisters, scope) {
  return kinSection("In other languages", sisters, scope, (one) =>
    `${one.lang ? `${scopeName(`lang:${one.lang}`)}; ` : ""}${count(one.carriers)} of ${plural(one.authors, "person", "people")} use both`);
}

// How surprising, beyond the sentence: explained is /explain's answer.
export function chanceText(explained) {
  const { surprise, expected_authors: expected } = explained.explanation;
  if (!(surprise > 0) || expected <= 0) return "";
  return `By chance that comes ${chance(surprise)} such intervals.`;
}
