#include "trend/trend_book.h"

#include <algorithm>
#include <chrono>
#include <cmath>

namespace tagswell {
namespace {

constexpr int kResumeMinutes = 24 * 60;
constexpr int kRankQuietMinutes = 10;
// Ranks below this are the long tail: nobody waits for news of them.
constexpr std::uint32_t kRankCare = 20;
// So many trends may start in a scope within an hour as they come: an hour full of news has a dozen. What floods the
// stream with tags that a few accounts each push would start hundreds; the more did, the more is asked of the next.
constexpr double kStartsFree = 20;

double NeededAfter(std::size_t started) {
  return 1 + std::log2(std::max(1.0, static_cast<double>(started + 1) / kStartsFree));
}

// What ranks: how many more people than expected, as far as that is surprising. A score alone would put ten people of
// a topic never seen before above ten thousand of one that is in its second hour.
double Weight(const Trend& trend) {
  return std::max(0.0, trend.authors_1h - trend.expected_1h) * std::min(1.0, trend.verdict.score);
}

}  // namespace

TrendBook::TrendBook(const DetectorOptions& options, const ScopeTable& scopes, const TopicTable& topics)
    : options_(options), scopes_(scopes), topics_(topics) {}

const Trend* TrendBook::Find(TopicId topic, ScopeId scope) const {
  const auto found = running_.find(KeyOf(topic, scope));
  return found == running_.end() ? nullptr : &found->second;
}

TrendEvent TrendBook::Describe(const Trend& trend, TrendEventType type, Minute now) const {
  const Topic& topic = topics_[trend.topic];
  const Verdict& verdict = trend.verdict;
  TrendEvent event;
  event.type = type;
  event.time = StartOf(now);
  event.trend = trend.id;
  event.topic = topic.shown();
  event.display = topic.spellings.BestClosed(topic.shown());
  event.scope = scopes_.Name(trend.scope);
  event.rank = trend.rank;
  if (trend.told_rank != 0) event.previous_rank = trend.told_rank;
  event.score = verdict.score;
  event.window = "1h";
  event.observed_posts = trend.posts_1h;
  event.observed_authors = static_cast<std::uint64_t>(std::llround(trend.authors_1h));
  event.expected_authors = trend.expected_1h;
  event.started_at = trend.started_at;
  event.why = {.baseline = std::string(Name(verdict.expected.baseline)),
               .interval_minutes = verdict.span_minutes,
               .posts = verdict.observed.posts,
               .authors = verdict.observed.authors,
               .expected_authors = verdict.expected.mean,
               .surprise = verdict.surprise,
               .bar = verdict.bar,
               .suppressions = {}};
  if (verdict.observed.doubted_removed > 0)
    event.why.suppressions.push_back({"doubtful_accounts_or_texts", verdict.observed.doubted_removed});
  if (verdict.observed.repeat_removed > 0)
    event.why.suppressions.push_back({"few_authors_repeating", verdict.observed.repeat_removed});
  return event;
}

void TrendBook::Start(const Judged& judged, Minute now) {
  const Key key = KeyOf(judged.topic, judged.scope);
  const Timestamp time = StartOf(now);
  Trend trend;
  const auto past = past_.find(key);
  const bool resumed = past != past_.end();
  if (resumed) {
    trend.id = past->second.id;
    trend.started_at = past->second.started_at;
    trend.peak_told = true;
    past_.erase(past);
  } else {
    const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(time.time_since_epoch()).count();
    trend.id = topics_[judged.topic].shown();
    trend.id.append(1, '@').append(scopes_.Name(judged.scope)).append(1, '@').append(std::to_string(seconds));
    trend.started_at = time;
  }
  trend.topic = judged.topic;
  trend.scope = judged.scope;
  trend.verdict = judged.verdict;
  trend.posts_1h = judged.posts_1h;
  trend.authors_1h = judged.authors_1h;
  trend.expected_1h = judged.expected_1h;
  trend.peak_score = judged.verdict.score;
  trend.peak_authors_1h = judged.authors_1h;
  trend.peak_at = time;
  trend.last_high = now;
  trend.told_at = time;
  running_.emplace(key, std::move(trend));
  // Its rank is known when all of the minute's verdicts are in: the event waits for CloseMinute.
  starting_.push_back({key, resumed});
  ++scopes_of_[judged.topic];
}

double TrendBook::NeededScore(const Judged& judged) const {
  double needed = judged.needed_score;
  if (const auto past = past_.find(KeyOf(judged.topic, judged.scope)); past != past_.end()) {
    needed = std::max(needed, past->second.peak_score);
  }
  return std::max(needed, NeededAmongOthers(judged.scope));
}

double TrendBook::NeededAmongOthers(ScopeId scope) const {
  const auto started = started_.find(scope);
  return started == started_.end() ? 1 : NeededAfter(started->second.size());
}

bool TrendBook::Take(const Judged& judged, Minute now) {
  const Key key = KeyOf(judged.topic, judged.scope);
  if (const auto found = running_.find(key); found != running_.end()) {
    Trend& trend = found->second;
    trend.verdict = judged.verdict;
    trend.posts_1h = judged.posts_1h;
    trend.authors_1h = judged.authors_1h;
    trend.expected_1h = judged.expected_1h;
    trend.peak_score = std::max(trend.peak_score, judged.verdict.score);
    if (judged.authors_1h > trend.peak_authors_1h) {
      trend.peak_authors_1h = judged.authors_1h;
      trend.peak_at = StartOf(now);
    }
    if (judged.verdict.score >= options_.end_score) trend.last_high = now;
    return false;
  }
  if (judged.verdict.score < NeededScore(judged)) return false;
  Start(judged, now);
  return true;
}

bool TrendBook::WorthTelling(const Trend& trend, Minute now) const {
  if (trend.told_rank == 0 || trend.rank == trend.told_rank) return false;
  if (std::min(trend.rank, trend.told_rank) > kRankCare) return false;
  // The first time at the top is news at once; two that take turns there are not.
  if (trend.rank == 1 && !trend.first_told) return true;
  if (StartOf(now) - trend.told_at < std::chrono::minutes(kRankQuietMinutes)) return false;
  const auto moved =
      static_cast<std::uint32_t>(std::abs(static_cast<int>(trend.rank) - static_cast<int>(trend.told_rank)));
  return std::min(trend.rank, trend.told_rank) <= 3 || moved >= 3;
}

std::vector<const Trend*> TrendBook::Board(ScopeId scope) const {
  std::vector<const Trend*> board;
  for (const auto& [key, trend] : running_) {
    if (trend.scope == scope && trend.told()) board.push_back(&trend);
  }
  std::sort(board.begin(), board.end(), [](const Trend* a, const Trend* b) { return a->rank < b->rank; });
  return board;
}

void TrendBook::Rank(Minute now, std::vector<TrendEvent>& events) {
  std::vector<Trend*> all;
  all.reserve(running_.size());
  for (auto& [key, trend] : running_) all.push_back(&trend);
  std::sort(all.begin(), all.end(), [this](const Trend* a, const Trend* b) {
    if (a->scope != b->scope) return a->scope < b->scope;
    if (Weight(*a) != Weight(*b)) return Weight(*a) > Weight(*b);
    return topics_[a->topic].shown() < topics_[b->topic].shown();
  });
  std::uint32_t rank = 0;
  for (std::size_t i = 0; i < all.size(); ++i) {
    Trend& trend = *all[i];
    rank = i > 0 && all[i - 1]->scope == trend.scope ? rank + 1 : 1;
    trend.rank = rank;
    if (rank != 1) trend.first_since.reset();
    if (rank == 1 && !trend.first_since) trend.first_since = StartOf(now);
    if (!WorthTelling(trend, now)) continue;
    events.push_back(Describe(trend, TrendEventType::kRank, now));
    trend.told_rank = rank;
    trend.told_at = StartOf(now);
    trend.first_told |= rank == 1;
  }
}

void TrendBook::Drop(Key key, const Trend& trend) {
  const auto count = scopes_of_.find(trend.topic);
  if (--count->second == 0) scopes_of_.erase(count);
  running_.erase(key);
}

void TrendBook::CrowdOut(Minute now) {
  absl::erase_if(started_, [now](auto& of) {
    std::erase_if(of.second, [now](Minute at) { return now - at >= 60; });
    return of.second.empty();
  });
  std::sort(starting_.begin(), starting_.end(), [this](const Starting& a, const Starting& b) {
    const Trend& left = running_.at(a.key);
    const Trend& right = running_.at(b.key);
    if (left.verdict.score != right.verdict.score) return left.verdict.score > right.verdict.score;
    return topics_[left.topic].shown() < topics_[right.topic].shown();
  });
  std::erase_if(starting_, [&](const Starting& of) {
    if (of.resumed) return false;
    const Trend& trend = running_.at(of.key);
    std::vector<Minute>& started = started_[trend.scope];
    if (trend.verdict.score < NeededAfter(started.size())) {
      Drop(of.key, trend);
      return true;
    }
    started.push_back(now);
    return false;
  });
}

std::vector<TrendBook::Ended> TrendBook::CloseMinute(Minute now, std::vector<TrendEvent>& events) {
  std::vector<Ended> ended;
  std::vector<Key> over;
  for (auto& [key, trend] : running_) {
    const auto since_peak = StartOf(now) - trend.peak_at;
    if (!trend.peak_told && since_peak >= std::chrono::minutes(30) && trend.authors_1h < 0.6 * trend.peak_authors_1h) {
      trend.peak_told = true;
      events.push_back(Describe(trend, TrendEventType::kPeaked, now));
    }
    if (now - trend.last_high >= options_.end_minutes) over.push_back(key);
  }
  for (const Key key : over) {
    Trend& trend = running_.find(key)->second;
    trend.rank = 0;
    events.push_back(Describe(trend, TrendEventType::kEnded, now));
    ended.push_back({trend.topic, trend.scope, trend.peak_score});
    past_[key] = {trend.id, trend.started_at, trend.peak_score, now};
    Drop(key, trend);
  }
  CrowdOut(now);
  Rank(now, events);
  for (const auto& [key, resumed] : starting_)
    TellStart(key, resumed ? TrendEventType::kRank : TrendEventType::kStarted, now, events);
  starting_.clear();
  absl::erase_if(past_, [now](const auto& entry) { return now - entry.second.ended > kResumeMinutes; });
  return ended;
}

void TrendBook::Tell(TopicId topic, const Milestone& milestone, Minute now, std::vector<TrendEvent>& events) {
  const Trend* in = nullptr;
  if (!milestone.source.empty()) {
    if (const auto scope = scopes_.Find("source:" + milestone.source)) in = Find(topic, *scope);
  }
  if (in == nullptr) in = Find(topic, kWorld);
  for (const auto& [key, trend] : running_) {
    if (trend.topic != topic || (in != nullptr && (in->scope == kWorld || !milestone.source.empty()))) continue;
    if (in == nullptr || scopes_.Name(trend.scope) < scopes_.Name(in->scope)) in = &trend;
  }
  if (in == nullptr) return;
  TrendEvent event = Describe(*in, TrendEventType::kMilestone, now);
  event.previous_rank.reset();
  event.milestone = milestone;
  events.push_back(std::move(event));
}

void TrendBook::Retract(TopicId topic, std::string_view reason, Minute now, std::vector<TrendEvent>& events) {
  std::vector<Key> gone;
  for (const auto& [key, trend] : running_) {
    if (trend.topic == topic) gone.push_back(key);
  }
  for (const Key key : gone) {
    Trend& trend = running_.find(key)->second;
    // What started within this very minute was never told: it goes without a word.
    const bool told = trend.told();
    trend.rank = 0;
    if (told) {
      events.push_back(Describe(trend, TrendEventType::kRetracted, now));
      events.back().reason = reason;
    }
    std::erase_if(starting_, [key](const Starting& of) { return of.key == key; });
    Drop(key, trend);
  }
}

void TrendBook::Release(TopicId topic, std::vector<Trend>& trends) {
  std::vector<Key> gone;
  for (const auto& [key, trend] : running_) {
    if (trend.topic == topic) gone.push_back(key);
  }
  for (const Key key : gone) {
    std::erase_if(starting_, [key](const Starting& of) { return of.key == key; });
    trends.push_back(running_.at(key));
    Drop(key, trends.back());
  }
}

void TrendBook::Announce(std::vector<Trend> trends, Minute now, std::vector<TrendEvent>& events) {
  std::vector<Key> keys;
  for (Trend& trend : trends) {
    trend.told_rank = 0;
    trend.told_at = StartOf(now);
    trend.first_since.reset();
    trend.first_told = false;
    keys.push_back(KeyOf(trend.topic, trend.scope));
    ++scopes_of_[trend.topic];
    past_.erase(keys.back());
    running_.emplace(keys.back(), std::move(trend));
  }
  Rank(now, events);
  for (const Key key : keys) TellStart(key, TrendEventType::kStarted, now, events);
}

void TrendBook::TellStart(Key key, TrendEventType type, Minute now, std::vector<TrendEvent>& events) {
  Trend& trend = running_.find(key)->second;
  events.push_back(Describe(trend, type, now));
  trend.told_rank = trend.rank;
  trend.first_told |= trend.rank == 1;
}

void TrendBook::Forget(TopicId topic) {
  absl::erase_if(past_,
                 [topic](const auto& of) { return TopicId{static_cast<std::uint32_t>(of.first >> 16)} == topic; });
}

void TrendBook::Save(StateWriter& out) const {
  out.Put(static_cast<std::uint32_t>(running_.size()));
  for (const auto& [key, trend] : running_) {
    out.Put(trend.id);
    out.Put(trend.topic);
    out.Put(trend.scope);
    out.Put(trend.started_at);
    out.Put(trend.verdict);
    out.Put(trend.posts_1h);
    out.Put(trend.authors_1h);
    out.Put(trend.expected_1h);
    out.Put(trend.rank);
    out.Put(trend.told_rank);
    out.Put(trend.told_at);
    out.Put(trend.peak_score);
    out.Put(trend.peak_authors_1h);
    out.Put(trend.peak_at);
    out.Put(trend.first_since);
    out.Put(trend.last_high);
    out.Put(trend.peak_told);
    out.Put(trend.first_told);
  }
  out.Put(static_cast<std::uint32_t>(past_.size()));
  for (const auto& [key, past] : past_) {
    out.Put(key);
    out.Put(past.id);
    out.Put(past.started_at);
    out.Put(past.peak_score);
    out.Put(past.ended);
  }
  out.Put(static_cast<std::uint32_t>(started_.size()));
  for (const auto& [scope, minutes] : started_) {
    out.Put(scope);
    out.PutAll(minutes);
  }
}

void TrendBook::Load(StateReader& in) {
  for (auto left = in.Get<std::uint32_t>(); left > 0 && in.ok(); --left) {
    Trend trend;
    in.Get(trend.id);
    in.Get(trend.topic);
    in.Get(trend.scope);
    in.Get(trend.started_at);
    in.Get(trend.verdict);
    in.Get(trend.posts_1h);
    in.Get(trend.authors_1h);
    in.Get(trend.expected_1h);
    in.Get(trend.rank);
    in.Get(trend.told_rank);
    in.Get(trend.told_at);
    in.Get(trend.peak_score);
    in.Get(trend.peak_authors_1h);
    in.Get(trend.peak_at);
    in.Get(trend.first_since);
    in.Get(trend.last_high);
    in.Get(trend.peak_told);
    in.Get(trend.first_told);
    ++scopes_of_[trend.topic];
    const Key key = KeyOf(trend.topic, trend.scope);
    running_.emplace(key, std::move(trend));
  }
  for (auto left = in.Get<std::uint32_t>(); left > 0 && in.ok(); --left) {
    const auto key = in.Get<Key>();
    Past past;
    in.Get(past.id);
    in.Get(past.started_at);
    in.Get(past.peak_score);
    in.Get(past.ended);
    past_[key] = std::move(past);
  }
  for (auto left = in.Get<std::uint32_t>(); left > 0 && in.ok(); --left) {
    const auto scope = in.Get<ScopeId>();
    in.GetAll(started_[scope]);
  }
}

}  // namespace tagswell
