// Numbers, times and sentences. Numbers and times follow the reader's locale and time zone, sentences are English.

import { usualRange } from "./usual.js";

const kWhole = new Intl.NumberFormat();
const kTenths = new Intl.NumberFormat(undefined, { maximumFractionDigits: 1 });
const kClock = new Intl.DateTimeFormat(undefined, { hour: "numeric", minute: "2-digit" });
const kDayAndClock = new Intl.DateTimeFormat(undefined, {
  day: "numeric", month: "short", hour: "numeric", minute: "2-digit",
});
const kFull = new Intl.DateTimeFormat(undefined, {
  weekday: "short", day: "numeric", month: "short", year: "numeric", hour: "numeric", minute: "2-digit",
});

const kAge = new Intl.RelativeTimeFormat(undefined, { style: "narrow" });

const kWeekday = new Intl.DateTimeFormat("en", { weekday: "long" });
const kPartsOfDay = [[5, "night"], [12, "morning"], [18, "afternoon"], [23, "evening"], [24, "night"]];

const kSuppressions = {
  doubtful_accounts_or_texts: "doubtful accounts or texts",
  few_authors_repeating: "the same few people again",
};

export const count = (number) => kWhole.format(Math.round(number));

export function expectedCount(number) {
  if (number > 0 && number < 0.1) return `<${kTenths.format(0.1)}`;
  return number < 10 ? kTenths.format(number) : count(number);
}

// The time of day; with the date when it is not the day of `now`.
export function moment(time, now) {
  const at = new Date(time);
  return at.toDateString() === new Date(now).toDateString() ? kClock.format(at) : kDayAndClock.format(at);
}

// "4 min ago", in stream time.
export function age(time, now) {
  const minutes = Math.max(0, Math.floor((now - Date.parse(time)) / 60_000));
  if (minutes < 60) return kAge.format(-minutes, "minute");
  return minutes < 24 * 60 ? kAge.format(-Math.floor(minutes / 60), "hour") : kAge.format(-Math.floor(minutes / 1440), "day");
}

export const fullMoment = (time) => kFull.format(new Date(time));

// The value of a datetime-local field: local time, to the minute.
export function fieldValue(time) {
  const at = new Date(time);
  const pad = (number, width = 2) => String(number).padStart(width, "0");
  return `${pad(at.getFullYear(), 4)}-${pad(at.getMonth() + 1)}-${pad(at.getDate())}T${pad(at.getHours())}:${pad(at.getMinutes())}`;
}

export function plural(number, one, many) {
  return `${count(number)} ${Math.round(number) === 1 ? one : many}`;
}

export function span(minutes, alone = false) {
  if (minutes === 60) return alone ? "an hour" : "hour";
  if (minutes > 60 && minutes % 60 === 0) return plural(minutes / 60, "hour", "hours");
  return plural(minutes, "minute", "minutes");
}

const kUnits = [[86_400_000, "day"], [3_600_000, "hour"], [60_000, "minute"]];

// "2d 3h": two units are enough to compare by.
export function lag(milliseconds) {
  const parts = [];
  let rest = milliseconds;
  for (const [unitMs, unit] of kUnits) {
    const number = Math.floor(rest / unitMs);
    rest -= number * unitMs;
    if (number > 0) parts.push(unitOf(number, unit));
    else if (parts.length > 0) break;
  }
  return parts.slice(0, 2).join(" ") || `<${unitOf(1, "minute")}`;
}

const unitOf = (number, unit) => new Intl.NumberFormat(undefined, { style: "unit", unit, unitDisplay: "narrow" }).format(number);

const kBytes = ["byte", "kilobyte", "megabyte", "gigabyte", "terabyte"];

export function bytes(number) {
  const power = Math.min(kBytes.length - 1, Math.max(0, Math.floor(Math.log10(Math.max(1, number)) / 3)));
  return new Intl.NumberFormat(undefined, {
    style: "unit", unit: kBytes[power], unitDisplay: power > 0 ? "short" : "long", maximumSignificantDigits: 3,
  }).format(number / 1000 ** power);
}

export function seconds(number) {
  const [unit, factor] = number < 1 ? ["millisecond", 1000] : ["second", 1];
  return new Intl.NumberFormat(undefined, { style: "unit", unit, maximumSignificantDigits: 3 }).format(number * factor);
}

const kPercent = new Intl.NumberFormat(undefined, { style: "percent" });

export const percent = (part) => kPercent.format(part);

// How often, from the decades of a probability: "once in 2,400".
export function chance(decades) {
  if (decades > 9) return `less than once in ${count(1e9)}`;
  const round = 10 ** Math.max(0, Math.floor(decades) - 1);
  return `once in ${count(Math.round(10 ** decades / round) * round)}`;
}

export function duration(milliseconds) {
  const minutes = Math.max(1, Math.round(milliseconds / 60_000));
  if (minutes < 120) return plural(minutes, "minute", "minutes");
  return minutes < 48 * 60 ? plural(minutes / 60, "hour", "hours") : plural(minutes / 1440, "day", "days");
}

// Why a topic trends, in one sentence that a reader can check; then what was left out of the count. `time`: of the
// interval's end, stream time.
export function reason(why, time) {
  const expected = why.expected_authors < 0.5 ? "fewer than one" : expectedCount(why.expected_authors);
  const [low, high] = usualRange(why.expected_authors);
  const usual = low === high ? count(low) : `${count(low)} to ${count(high)}`;
  const of = why.baseline === "new_topics" ? "a new topic here" : `a ${partOfWeek(time)}`;
  const sentences = [
    `${plural(why.authors, "person", "people")} in the last ${span(why.interval_minutes)}; ${expected} expected; ` +
    `usual for ${of}: ${usual}.`,
  ];
  for (const { name, authors_removed: removed } of why.suppressions ?? []) {
    if (removed >= 0.5) sentences.push(`${count(removed)} not counted: ${kSuppressions[name] ?? name.replaceAll("_", " ")}.`);
  }
  return sentences.join(" ");
}

// "Sunday evening"
function partOfWeek(time) {
  const at = new Date(time);
  return `${kWeekday.format(at)} ${kPartsOfDay.find(([until]) => at.getHours() < until)[1]}`;
}

// Why a trend was taken back, after the topic's name.
export function withdrawal(why) {
  return { blocked: "was blocked", alias_changed: "was put under another topic" }[why] ?? "was taken back";
}

// What an event says after the topic's name; null for the rank changes that are no news.
export function eventText(event) {
  switch (event.type) {
    case "started":
      return event.rank ? `started trending at number ${count(event.rank)}` : "started trending";
    case "rank":
      return event.rank === 1 ? "is number one" : null;
    case "milestone": {
      const { counted, count: reached, source } = event.milestone;
      return `reached ${count(reached)} ${counted === "authors" ? "people" : counted}${source ? ` on ${source}` : ""}`;
    }
    case "peaked":
      return `peaked at ${plural(event.observed.authors, "person", "people")} an hour`;
    case "ended":
      return `ended after ${duration(new Date(event.time) - new Date(event.started_at))}`;
    case "retracted":
      return withdrawal(event.reason);
    default:
      return null;
  }
}
