// Where the axes of a chart are labelled: round numbers, and round times of the reader's clock. No DOM.

const kHour = 60;
const kDay = 24 * kHour;
const kTimeSteps = [15, 30, kHour, 2 * kHour, 3 * kHour, 6 * kHour, 12 * kHour, kDay, 2 * kDay, 7 * kDay, 14 * kDay, 30 * kDay, 91 * kDay, 365 * kDay, 1826 * kDay];

const kClock = new Intl.DateTimeFormat(undefined, { hour: "numeric", minute: "2-digit" });
const kDate = new Intl.DateTimeFormat(undefined, { day: "numeric", month: "short" });
const kMonth = new Intl.DateTimeFormat(undefined, { month: "short", year: "numeric" });
// Pixels from one time to the next, at least: the last one is written to the left of its place, its neighbour about it.
const kLetter = 6.7;
const kLongest = Math.max(...[kClock, kDate].map((of) => of.format(new Date(2017, 9, 28, 22, 30)).length));
const kApart = Math.max(68, 16 + 1.5 * kLetter * kLongest);

// 0 and up to four round numbers, the last one not below `highest`.
export function valueTicks(highest) {
  const rough = Math.max(1, highest) / 4;
  const unit = 10 ** Math.floor(Math.log10(rough));
  const step = Math.max(1, [1, 2, 2.5, 5, 10].map((of) => of * unit).find((of) => of >= rough && Number.isInteger(of)) ?? 1);
  const ticks = [];
  for (let value = 0; value < highest + step; value += step) ticks.push(value);
  return ticks.length > 1 ? ticks : [0, step];
}

// [{time, text}] from `from` to `to`, milliseconds, for an axis of so many pixels.
export function timeTicks(from, to, width) {
  const minutes = (to - from) / 60_000;
  const step = kTimeSteps.find((of) => (of / minutes) * width >= kApart) ?? kTimeSteps.at(-1);
  const ticks = [];
  // From a local midnight, by the calendar: days of 23 and 25 hours stay whole.
  const at = new Date(from);
  at.setHours(0, 0, 0, 0);
  while (at.getTime() <= to) {
    if (at.getTime() >= from) ticks.push({ time: at.getTime(), text: nameOf(at, step) });
    if (step < kDay) at.setMinutes(at.getMinutes() + step);
    else at.setDate(at.getDate() + step / kDay);
  }
  return ticks;
}

function nameOf(at, step) {
  if (step >= 91 * kDay) return kMonth.format(at);
  const midnight = at.getHours() === 0 && at.getMinutes() === 0;
  return step >= kDay || midnight ? kDate.format(at) : kClock.format(at);
}
