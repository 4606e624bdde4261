// What operators look at: each figure says how it comes from two readings of /metrics, a pause apart. At the first reading
// `before` is null: then rates are not known. No DOM.

import { quantileBound } from "./metrics_text.js";

const perSecond = (name, wanted) => ({ before, after, seconds }) =>
  before && Math.max(0, after.sum(name, wanted) - before.sum(name, wanted)) / seconds;
const slowest = (name) => ({ before, after }) => before && quantileBound(name, 0.99, before, after);
const now = (name) => ({ after }) => after.sum(name);
const kPageFile = /^\/(\w+\.(js|css|svg))?$/;
const ofClass = (...classes) => ({ code }) => classes.includes(code);

// {title, unit, value(step), bad(value)}: unit is one of count, rate, bytes, seconds; value null where it is not known;
// bad tells what deserves an operator's eye.
export const kFigures = [
  { title: "Posts taken in", unit: "rate", value: perSecond("tagswell_posts_accepted_total") },
  { title: "Not yet counted", unit: "count", value: now("tagswell_engine_lag_posts"), bad: (posts) => posts > 500_000 },
  { title: "Waiting for the log", unit: "count", value: now("tagswell_queue_posts") },
  { title: "Refused posts", unit: "rate", value: perSecond("tagswell_posts_rejected_total"), bad: (rate) => rate > 0 },
  { title: "Sent twice", unit: "rate", value: perSecond("tagswell_posts_duplicate_total") },
  { title: "Refused requests (4xx)", unit: "rate", value: perSecond("tagswell_http_requests_total", ofClass("4xx")) },
  { title: "Failed requests (5xx)", unit: "rate", value: perSecond("tagswell_http_requests_total", ofClass("5xx")), bad: (rate) => rate > 0 },
  { title: "Answers, 99 % within", unit: "seconds", value: slowest("tagswell_http_request_seconds") },
  { title: "Commits, 99 % within", unit: "seconds", value: slowest("tagswell_commit_seconds"), bad: (seconds) => seconds > 0.5 },
  { title: "Trend events", unit: "rate", value: perSecond("tagswell_events_total") },
  { title: "Subscribers", unit: "count", value: now("tagswell_subscribers") },
  { title: "Cut off as too slow", unit: "count", value: ({ after }) => after.sum("tagswell_subscribers_closed_total", ({ reason }) => reason === "overflow") },
  { title: "Memory of the process", unit: "bytes", value: now("process_resident_memory_bytes") },
  { title: "On disk", unit: "bytes", value: now("tagswell_storage_bytes") },
  { title: "Free disk", unit: "bytes", value: now("tagswell_storage_free_bytes"), bad: (bytes) => bytes < 2e9 },
  { title: "Processor", unit: "percent", value: perSecond("process_cpu_seconds_total") },
];

// [{code, count}] since the server started, most first.
export function refusedByCode(metrics) {
  return metrics.samples("tagswell_posts_rejected_total")
    .filter(({ value }) => value > 0)
    .map(({ labels, value }) => ({ code: labels.code, count: value }))
    .sort((a, b) => b.count - a.count);
}

// [{route, counts: {"2xx": n, …}}] since the server started, of routes that were asked for, most first. The files of this
// page are one.
export function requestsByRoute(metrics) {
  const routes = new Map();
  for (const { labels, value } of metrics.samples("tagswell_http_requests_total")) {
    if (value === 0) continue;
    const route = kPageFile.test(labels.route) ? "this page" : labels.route;
    const counts = routes.get(route) ?? {};
    counts[labels.code] = (counts[labels.code] ?? 0) + value;
    routes.set(route, counts);
  }
  const all = (counts) => Object.values(counts).reduce((sum, value) => sum + value, 0);
  return [...routes].map(([route, counts]) => ({ route, counts })).sort((a, b) => all(b.counts) - all(a.counts));
}
