#include "trend/scope_watch.h"

#include <algorithm>
#include <cmath>

namespace tagswell {
namespace {

constexpr int kKeepMinutes = kSpans.back() + 5;
constexpr float kNotable = 2;
// Fewer than that in all notable hours together are no habit, and are not remembered for its sake.
constexpr float kHabit = 3;
// While a trend runs its own past may grow by this much an hour, no more.
constexpr double kGrowthMax = 1.1;
constexpr double kCloseScore = 0.7;
constexpr int kJudgeMinutes = 60;
constexpr int kHoursRemembered = 35 * 24;
constexpr std::size_t kNotableHoursMax = 256;
// Rates wander from day to day by about a quarter even without news: no amount of data makes them surer than this.
constexpr double kShapeMax = 16;
// Up to this many posts an author in an interval is ordinary enthusiasm.
constexpr double kPostsPerAuthor = 1.5;
// From this many authors on, repetition no longer takes weight away.
constexpr double kCrowd = 12;
// Fewer than that need so many minutes to show that they do not.
constexpr int kProofMinutes = 8;

}  // namespace

std::string_view Name(Baseline baseline) {
  switch (baseline) {
    case Baseline::kNewTopics:
      return "new_topics";
    case Baseline::kOwnPast:
      return "own_past";
    case Baseline::kRecurrence:
      return "recurrence";
  }
  return "";
}

void ScopeWatch::AddAuthors(Minute minute, std::uint32_t trusted, std::uint32_t doubted) {
  if (trusted > 0) trusted_.Add(minute, trusted);
  if (doubted > 0) doubted_.Add(minute, doubted);
}

void ScopeWatch::RemoveAuthor(Minute minute, bool doubted) {
  (doubted ? doubted_ : trusted_).Subtract(minute, 1);
}

Observation ScopeWatch::Observe(Minute now, int minutes) const {
  const Minute from = now - minutes;
  const auto trusted = static_cast<double>(trusted_.Sum(from, now));
  const auto doubted = static_cast<double>(doubted_.Sum(from, now));
  Observation seen;
  seen.posts = posts_.Sum(from, now);
  seen.all_authors = trusted + doubted;
  const double supported = trusted + std::min(doubted, trusted / 2);
  seen.doubted_removed = seen.all_authors - supported;
  const double posts = std::max(1.0, static_cast<double>(seen.posts));
  const double keep = std::min(1.0, std::max(kPostsPerAuthor * seen.all_authors / posts, supported / kCrowd));
  seen.authors = supported * keep;
  seen.repeat_removed = supported - seen.authors;
  seen.unproven = seen.authors < kCrowd && posts_.Sum(from, now - kProofMinutes) == 0;
  return seen;
}

const ScopeWatch::Recurrence& ScopeWatch::Recur(Minute now) const {
  const int hour = (static_cast<int>(now) - 1) / 60;
  if (hour == recurrence_hour_) return recurrence_;
  recurrence_hour_ = hour;
  recurrence_ = {};
  if (hours_.empty()) return recurrence_;
  const auto authors_in = [this](int at) {
    const auto found = std::lower_bound(hours_.begin(), hours_.end(), at,
                                        [](const HourCount& known, int want) { return known.hour < want; });
    return found != hours_.end() && found->hour == at ? static_cast<double>(found->authors) : 0.0;
  };
  for (const int days : {1, 2, 3, 4, 5, 6, 7, 14, 21, 28}) {
    bool any = false;
    for (std::size_t i = 0; i < kSpans.size(); ++i) {
      // A span shorter than an hour gets its part of one. People are not punctual: an hour earlier or later counts too.
      const int hours = (kSpans[i] + 59) / 60;
      double most = 0;
      for (int end = hour - days * 24 - 1; end <= hour - days * 24 + 1; ++end) {
        double sum = 0;
        for (int at = end - hours + 1; at <= end; ++at) sum += authors_in(at);
        most = std::max(most, sum);
      }
      recurrence_.authors[i] += most * std::min(1.0, kSpans[i] / 60.0);
      any |= most > 0;
    }
    if (any) ++recurrence_.occurrences;
  }
  if (recurrence_.occurrences > 0) {
    for (double& authors : recurrence_.authors) authors /= recurrence_.occurrences;
  }
  return recurrence_;
}

Expectation ScopeWatch::Expect(Minute now, std::size_t span, const ScopeVolume& volume, GammaRate prior) const {
  const double exposure = volume.Exposure(now - kSpans[span], now);
  const double shape = prior.shape + shape_;
  const double rate = prior.rate + rate_;
  Expectation expected;
  expected.mean = shape / rate * exposure;
  expected.shape = 1 / (1 / shape + 1 / kShapeMax);
  expected.baseline = shape_ < prior.shape ? Baseline::kNewTopics : Baseline::kOwnPast;
  const Recurrence& recurrence = Recur(now);
  if (recurrence.occurrences > 0) {
    // Seen once at this hour is a hint, seen twice is a habit.
    const double mean = recurrence.occurrences == 1 ? recurrence.authors[span] / 2 : recurrence.authors[span];
    if (mean > expected.mean) {
      expected = {
          .mean = mean, .shape = std::min(kShapeMax, 3.0 * recurrence.occurrences), .baseline = Baseline::kRecurrence};
    }
  }
  return expected;
}

void ScopeWatch::Fold(Minute now, const ScopeVolume& volume, GammaRate prior, bool capped, double half_life_days) {
  // Whole hours, so that the recurrence sees them whole.
  const Minute until{(static_cast<int>(now) - kSpans.back()) / 60 * 60};
  if (folded_to_ == Minute{0}) {
    // A day of silence before the first sight is what a new topic brings along.
    folded_to_ = Minute{(static_cast<int>(now) - 24 * 60) / 60 * 60};
    folded_total_ = volume.TotalThrough(folded_to_ - 1);
  }
  if (until <= folded_to_) return;
  for (Minute hour = folded_to_; hour < until;) {
    const Minute end = std::min(until, Minute{(static_cast<int>(hour) / 60 + 1) * 60});
    const auto authors = static_cast<float>(trusted_.Sum(hour, end) + doubted_.Sum(hour, end));
    if (authors >= kNotable) {
      hours_.push_back({static_cast<std::int32_t>(hour) / 60, authors});
      recurrence_hour_ = -1;
    }
    // Silence needs no steps: jump to the next minute that holds anything.
    hour = end;
    const auto next = std::find_if(posts_.entries().begin(), posts_.entries().end(),
                                   [end](const auto& entry) { return entry.minute >= end; });
    if (next == posts_.entries().end()) break;
    hour = std::max(hour, Minute{static_cast<int>(next->minute) / 60 * 60});
  }
  double authors = static_cast<double>(trusted_.Sum(folded_to_, until) + doubted_.Sum(folded_to_, until));
  const double total = volume.TotalThrough(until - 1);
  const double exposure = std::max(0.0, total - folded_total_);
  if (capped) authors = std::min(authors, kGrowthMax * (prior.shape + shape_) / (prior.rate + rate_) * exposure + 1);
  const double kept = std::exp2(-(until - folded_to_) / 1440.0 / half_life_days);
  shape_ = shape_ * kept + authors;
  rate_ = rate_ * kept + exposure;
  folded_to_ = until;
  folded_total_ = total;

  trusted_.Expire(now - kKeepMinutes - 60);
  doubted_.Expire(now - kKeepMinutes - 60);
  posts_.Expire(now - kKeepMinutes - 60);
  const int oldest_hour = static_cast<int>(now) / 60 - kHoursRemembered;
  std::erase_if(hours_, [oldest_hour](const HourCount& known) { return known.hour < oldest_hour; });
  if (hours_.size() > kNotableHoursMax) hours_.erase(hours_.begin(), hours_.end() - kNotableHoursMax);
}

void ScopeWatch::Remember(const ScopeWatch& other, std::int32_t before_hour) {
  for (const HourCount& known : other.hours_) {
    if (known.hour >= before_hour) break;
    const auto at = std::lower_bound(hours_.begin(), hours_.end(), known.hour,
                                     [](const HourCount& of, std::int32_t hour) { return of.hour < hour; });
    if (at != hours_.end() && at->hour == known.hour) {
      at->authors += known.authors;
    } else {
      hours_.insert(at, known);
    }
  }
  recurrence_hour_ = -1;
}

bool ScopeWatch::WorthJudging(Minute now) const {
  if (judged_score_ >= kCloseScore || now - judged_at_ >= kJudgeMinutes) return true;
  for (std::size_t i = 0; i < kSpans.size(); ++i) {
    if (8 * AllAuthors(now, kSpans[i]) >= 9 * static_cast<std::uint64_t>(judged_authors_[i]) &&
        AllAuthors(now, kSpans[i]) > judged_authors_[i])
      return true;
  }
  return false;
}

void ScopeWatch::Judged(Minute now, double score) {
  for (std::size_t i = 0; i < kSpans.size(); ++i)
    judged_authors_[i] = static_cast<std::uint32_t>(AllAuthors(now, kSpans[i]));
  judged_at_ = now;
  judged_score_ = static_cast<float>(score);
}

double ScopeWatch::Record(Minute now, double half_life_days) const {
  return record_ == 0 ? 0 : record_ * std::exp2(-(now - record_at_) / 1440.0 / half_life_days);
}

void ScopeWatch::SetRecord(double score, Minute now, double half_life_days) {
  record_ = static_cast<float>(std::max(score, Record(now, half_life_days)));
  record_at_ = now;
}

bool ScopeWatch::forgettable(Minute now) const {
  const int silent = now - folded_to_;
  if (!posts_.empty() && posts_.entries().back().minute >= now - kKeepMinutes) return false;
  if (silent < 1440) return false;
  float habit = 0;
  for (const HourCount& known : hours_) habit += known.authors;
  if (habit >= kHabit && static_cast<int>(now) / 60 - hours_.back().hour < kHoursRemembered) return false;
  return silent >= 7 * 1440 || shape_ < 2;
}

std::size_t ScopeWatch::memory_bytes() const {
  return sizeof *this + trusted_.memory_bytes() + doubted_.memory_bytes() + posts_.memory_bytes() +
         hours_.capacity() * sizeof(HourCount);
}

void ScopeWatch::Save(StateWriter& out) const {
  out.Put(scope_);
  trusted_.Save(out);
  doubted_.Save(out);
  posts_.Save(out);
  out.Put(shape_);
  out.Put(rate_);
  out.Put(folded_to_);
  out.Put(folded_total_);
  out.Put(judged_authors_);
  out.Put(judged_at_);
  out.Put(judged_score_);
  out.Put(record_);
  out.Put(record_at_);
  out.PutAll(hours_);
  out.Put(counted_authors);
}

void ScopeWatch::Load(StateReader& in) {
  in.Get(scope_);
  trusted_.Load(in);
  doubted_.Load(in);
  posts_.Load(in);
  in.Get(shape_);
  in.Get(rate_);
  in.Get(folded_to_);
  in.Get(folded_total_);
  in.Get(judged_authors_);
  in.Get(judged_at_);
  in.Get(judged_score_);
  in.Get(record_);
  in.Get(record_at_);
  in.GetAll(hours_);
  in.Get(counted_authors);
}

}  // namespace tagswell
