// The ranges of a topic's curve: how far back each reaches and in which steps, and what the server answers made into whole
// rows of numbers. No DOM.

const kHourMs = 3_600_000;
const kDayMs = 24 * kHourMs;

export const kHistoryRanges = {
  "6h": { name: "6 hours", spanMs: 6 * kHourMs, step: "5m", stepMs: kHourMs / 12, of: "every 5 minutes" },
  day: { name: "Day", spanMs: kDayMs, step: "5m", stepMs: kHourMs / 12, of: "every 5 minutes" },
  week: { name: "Week", spanMs: 7 * kDayMs, step: "1h", stepMs: kHourMs, of: "every hour" },
  month: { name: "Month", spanMs: 30 * kDayMs, step: "1h", stepMs: kHourMs, of: "every hour" },
  // The server reads no more than ten years at once.
  all: { name: "All", spanMs: 3650 * kDayMs, step: "1d", stepMs: kDayMs, of: "every day" },
};

// What to ask /history for. `end`: stream time, milliseconds.
export function historyQuestion(range, end) {
  const { spanMs, step } = kHistoryRanges[range];
  return { step, from: new Date(Math.max(0, end - spanMs)).toISOString() };
}

// {from, stepMs, of, posts, people, wholeSteps}: a number a step from `from` on. What lies after wholeSteps is still filling.
export function historySeries(range, answer) {
  const { stepMs, of } = kHistoryRanges[range];
  const to = Date.parse(answer.to);
  // All there is begins a step before the first post, so that the curve can rise.
  const first = answer.steps.length > 0 ? Date.parse(answer.steps[0].time) - stepMs : to - stepMs;
  const from = range === "all" ? first : Date.parse(answer.from);
  const size = Math.max(2, Math.ceil((to - from) / stepMs));
  const series = { from, stepMs, of, posts: new Array(size).fill(0), people: new Array(size).fill(0) };
  for (const step of answer.steps) {
    const index = Math.round((Date.parse(step.time) - from) / stepMs);
    if (index < 0 || index >= size) continue;
    series.posts[index] = step.posts;
    series.people[index] = step.authors;
  }
  return { ...series, wholeSteps: Math.floor((to - from) / stepMs) };
}
