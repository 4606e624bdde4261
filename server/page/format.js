// Numbers, times and sentences. Numbers and times follow the reader's locale and time zone, sentences are English.

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

const kBases = {
  own_past: "from its own past",
  new_topics: "of new topics here",
  recurrence: "at this hour, by its habit",
  scope_rhythm: "by the rhythm of the hour",
};

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

export function span(minutes) {
  if (minutes === 60) return "hour";
  if (minutes > 60 && minutes % 60 === 0) return plural(minutes / 60, "hour", "hours");
  return plural(minutes, "minute", "minutes");
}

export function duration(milliseconds) {
  const minutes = Math.max(1, Math.round(milliseconds / 60_000));
  if (minutes < 120) return plural(minutes, "minute", "minutes");
  return minutes < 48 * 60 ? plural(minutes / 60, "hour", "hours") : plural(minutes / 1440, "day", "days");
}

// Why a topic trends, in one sentence that a reader can check; then what was left out of the count.
export function reason(why) {
  const expected = why.expected_authors < 0.5 ? "fewer than one" : expectedCount(why.expected_authors);
  const basis = kBases[why.baseline] ?? "";
  const sentences = [
    `${plural(why.authors, "person", "people")} in the last ${span(why.interval_minutes)}; ${expected} expected ${basis}`.trim() + ".",
  ];
  for (const { name, authors_removed: removed } of why.suppressions ?? []) {
    if (removed >= 0.5) sentences.push(`${count(removed)} not counted: ${kSuppressions[name] ?? name.replaceAll("_", " ")}.`);
  }
  return sentences.join(" ");
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
      return event.reason === "blocked" ? "was blocked" : "was taken back";
    default:
      return null;
  }
}
