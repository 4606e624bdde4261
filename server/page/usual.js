// What is usual around an expected number of people: the range that eight of ten such intervals fall into, by the
// distribution that the detector judges with (docs/detection.md, "Negative binomial").

const kLow = 0.1;
const kHigh = 0.9;
const kShapeMax = 16;
const kShapePerPerson = 0.5;
const kCountedMax = 500;  // beyond, the range grows in proportion: the shape no longer changes

// [low, high], whole numbers. O(expected).
export function usualRange(expected) {
  if (expected > kCountedMax) return usualRange(kCountedMax).map((bound) => Math.round((bound * expected) / kCountedMax));
  const shape = 1 / (1 / (1 + kShapePerPerson * expected) + 1 / kShapeMax);
  const part = expected / (expected + shape);
  let probability = (1 - part) ** shape;
  let below = probability;
  let people = 0;
  let low = null;
  while (below < kHigh) {
    if (low === null && below >= kLow) low = people;
    probability *= ((people + shape) / (people + 1)) * part;
    people += 1;
    below += probability;
  }
  return [low ?? people, people];
}
