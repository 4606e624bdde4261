#include "trend/detector.h"

#include <absl/container/inlined_vector.h>

#include <algorithm>
#include <limits>
#include <tuple>
#include <utility>

#include "proto/window.h"

namespace tagswell {
namespace {

constexpr int kRefreshMinutes = 10;
constexpr std::size_t kHourSpan = 1;
static_assert(kSpans[kHourSpan] == 60);
// A topic that its own past expects this seldom is quiet: what it gathers is chance or a trend.
constexpr double kQuietPerHour = 0.25;

// By name: ids depend on who came first.
bool Before(ComboId a, ComboId b, const ScopeTable& scopes) {
  const auto in_a = scopes.ScopesOf(a);
  const auto in_b = scopes.ScopesOf(b);
  return std::lexicographical_compare(in_a.begin(), in_a.end(), in_b.begin(), in_b.end(),
                                      [&](ScopeId x, ScopeId y) { return scopes.Name(x) < scopes.Name(y); });
}

// The scopes that a group of hits belongs to, each once.
void TouchedScopes(std::span<const MentionHit> group, const ScopeTable& scopes,
                   absl::InlinedVector<ScopeId, 8>& touched) {
  const MentionHit* before = nullptr;
  for (const MentionHit& hit : group) {
    if (before != nullptr && before->combo == hit.combo) continue;
    before = &hit;
    for (const ScopeId scope : scopes.ScopesOf(hit.combo)) {
      if (std::find(touched.begin(), touched.end(), scope) == touched.end()) touched.push_back(scope);
    }
  }
}

}  // namespace

void Detector::SortEvents(std::span<TrendEvent> events) {
  const auto event_order = [](const TrendEvent& event) {
    const std::uint64_t step = event.milestone ? event.milestone->count : 0;
    const std::string_view counted = event.milestone ? std::string_view(event.milestone->counted) : std::string_view();
    const std::string_view source = event.milestone ? std::string_view(event.milestone->source) : std::string_view();
    return std::tuple(event.type, std::string_view(event.scope), event.rank, std::string_view(event.topic), step,
                      counted, source);
  };
  std::sort(events.begin(), events.end(),
            [&](const TrendEvent& a, const TrendEvent& b) { return event_order(a) < event_order(b); });
}

Detector::Detector(const DetectorOptions& options, const ScopeTable& scopes, const BlockList& blocks,
                   const ReviewList& reviews, const AliasGroups& groups, TopicTable& topics)
    : options_(options),
      scopes_(scopes),
      blocks_(blocks),
      reviews_(reviews),
      groups_(groups),
      topics_(topics),
      book_(options, scopes, topics),
      waiting_(options, scopes, topics),
      states_(scopes),
      hosts_(scopes) {}

void Detector::BeginMinute(Minute minute, std::span<const ComboPosts> posts) {
  now_ = minute + 1;
  states_.AddMinute(minute, posts);
  hosts_.GoOnTo(now_);
  const ScopeState& world = states_[kWorld];
  if (world.volume.first() == Minute{0}) return;  // nothing was ever posted
  if (static_cast<int>(now_) % kRefreshMinutes == 0 || world.echo_per_hour == 0)
    states_.Refresh(now_, options_.alarm_budget_per_day);
}

// A full order, so that what follows does not depend on the order of arrival.
void Detector::SortHits(std::span<MentionHit> hits) const {
  std::sort(hits.begin(), hits.end(), [this](const MentionHit& a, const MentionHit& b) {
    if (a.author != b.author) return a.author < b.author;
    if (a.combo != b.combo) return Before(a.combo, b.combo, scopes_);
    return std::tuple(a.text, a.doubtful) < std::tuple(b.text, b.doubtful);
  });
}

bool Detector::Hidden(TopicId topic) const {
  const std::string& name = topics_[topic].name;
  return blocks_.Find(ShownTopic(name)) != nullptr || (!groups_.empty() && !groups_.Shows(name)) ||
         ReviewOf(topic) == ReviewState::kRejected;
}

void Detector::Observe(Minute minute, std::span<MentionHit> part) {
  for (auto begin = part.begin(); begin != part.end();) {
    const TopicId topic = begin->topic;
    const auto end = std::find_if(begin, part.end(), [topic](const MentionHit& hit) { return hit.topic != topic; });
    SortHits({begin, end});
    const std::span<const MentionHit> group(begin, end);
    SpellingCounts& spellings = topics_[topic].spellings;
    for (const MentionHit& hit : group) spellings.Close(hit.spelling);
    if (!IsGroup(topic)) hosts_.Add(group);  // its members have told of them
    if (const auto watch = watches_.find(topic); watch != watches_.end()) {
      ObserveWatched(topic, *watch->second, minute, group);
    } else {
      ObserveQuiet(topic, minute, group);
    }
    begin = end;
  }
}

void Detector::EndMinute(std::vector<TrendEvent>& events) {
  const std::size_t first_event = events.size();
  if (states_[kWorld].volume.first() == Minute{0}) return;
  JudgeRunning(events);
  LearnBeginnings();

  for (const TrendBook::Ended& ended : book_.CloseMinute(now_, events)) {
    if (const auto watch = watches_.find(ended.topic); watch != watches_.end()) {
      if (ScopeWatch* scope = watch->second->Find(ended.scope))
        scope->SetRecord(ended.peak_score, now_, options_.record_half_life_days);
    }
  }
  // Of what nobody saw there is no record that a later trend would have to beat.
  std::vector<TrendEvent> unseen;
  waiting_.CloseMinute(now_, unseen);
  absl::erase_if(episodes_, [this](const auto& of) { return !Trending(of.first); });
  for (auto& [topic, episode] : episodes_) {
    // One that is passed while the topic waits is never told: later its time would not be true.
    for (const Milestone& milestone : episode.TakeMilestones(options_.milestones, scopes_))
      book_.Tell(topic, milestone, now_, events);
  }
  Forget(now_);
  SortEvents(std::span(events).subspan(first_event));
}

void Detector::JudgeRunning(std::vector<TrendEvent>& events) {
  const auto high = [this](TopicId topic) {
    bool any = false;
    BookOf(topic).ForEach(
        [&](const Trend& trend) { any |= trend.topic == topic && trend.verdict.score >= options_.end_score; });
    return any;
  };
  std::vector<Trend> unseen;
  for (const TopicId topic : RunningTopics()) {
    // A trend that stood until posts were taken back, and does not without them, is withdrawn.
    const bool at_risk = retracted_.contains(topic) && high(topic);
    JudgeTopic(topic, *watches_.at(topic), now_, {});
    if (!at_risk || high(topic)) continue;
    book_.Retract(topic, "posts_retracted", now_, events);
    waiting_.Release(topic, unseen);
  }
  retracted_.clear();
}

void Detector::ObserveQuiet(TopicId topic, Minute minute, std::span<const MentionHit> group) {
  Topic& entry = topics_[topic];
  absl::InlinedVector<Hit, 64> closed;  // everything up to and including this minute
  for (const Hit& hit : entry.cell.hits()) {
    if (hit.minute <= minute && hit.minute > minute - kSeedMinutes) closed.push_back(hit);
  }
  absl::InlinedVector<std::uint64_t, 64> within_hour;
  for (const Hit& hit : closed) {
    if (hit.minute > minute - 60) within_hour.push_back(hit.author);
  }
  std::sort(within_hour.begin(), within_hour.end());
  const auto authors =
      static_cast<std::size_t>(std::unique(within_hour.begin(), within_hour.end()) - within_hour.begin());
  if (authors >= kWatchAuthors || closed.size() > kWatchHits) {
    TopicWatch& watch = Watch(topic, minute);
    ObserveWatched(topic, watch, minute, group);
    return;
  }
  // One or two authors: tell the scopes that a topic begins or goes on.
  if (IsGroup(topic)) return;  // its members did
  absl::InlinedVector<ScopeId, 8> touched;
  TouchedScopes(group, scopes_, touched);
  for (const ScopeId scope : touched) {
    absl::InlinedVector<std::uint64_t, 8> before;
    absl::InlinedVector<std::uint64_t, 8> after;
    for (const Hit& hit : closed) {
      if (hit.minute <= minute - 60) continue;
      const auto in = scopes_.ScopesOf(hit.combo);
      if (std::find(in.begin(), in.end(), scope) == in.end()) continue;
      if (hit.minute < minute && std::find(before.begin(), before.end(), hit.author) == before.end())
        before.push_back(hit.author);
      if (std::find(after.begin(), after.end(), hit.author) == after.end()) after.push_back(hit.author);
    }
    beginnings_.push_back({scope, static_cast<std::uint8_t>(before.size()), static_cast<std::uint8_t>(after.size())});
  }
}

TopicWatch& Detector::Watch(TopicId topic, Minute minute) {
  Topic& entry = topics_[topic];
  auto& watch = *watches_.emplace(topic, std::make_unique<TopicWatch>()).first->second;
  // What is older than the spans becomes the topic's own past; what is younger is replayed minute by minute.
  std::vector<Hit> past(entry.cell.hits().begin(), entry.cell.hits().end());
  std::erase_if(past, [minute](const Hit& hit) { return hit.minute >= minute || hit.minute <= minute - kSeedMinutes; });
  std::sort(past.begin(), past.end(), [this](const Hit& a, const Hit& b) {
    if (a.minute != b.minute) return a.minute < b.minute;
    if (a.author != b.author) return a.author < b.author;
    return a.combo != b.combo && Before(a.combo, b.combo, scopes_);
  });
  for (const Hit& hit : past) {
    const std::vector<MentionHit> again(hit.posts, MentionHit{hit.author, topic, 0, hit.combo, false});
    watch.Add(hit.minute, again, scopes_, hosts_);
  }
  entry.cell.Promote(scopes_);
  return watch;
}

void Detector::ObserveWatched(TopicId topic, TopicWatch& watch, Minute minute, std::span<const MentionHit> group) {
  watch.Add(minute, group, scopes_, hosts_);
  absl::InlinedVector<ScopeId, 8> touched;
  TouchedScopes(group, scopes_, touched);
  JudgeTopic(topic, watch, minute + 1, touched);
  // The minute that makes it trend is counted, too.
  if (Trending(topic)) episodes_.try_emplace(topic, StartOf(minute)).first->second.Add(group, scopes_);
}

Judged Detector::JudgeScope(TopicId topic, const ScopeWatch& watch, Minute now, double floor_mean_per_hour) const {
  const ScopeState& state = states_.At(watch.scope());
  Judged judged{
      .topic = topic, .scope = watch.scope(), .verdict = Judge(watch, state, now, options_, floor_mean_per_hour)};
  const Observation hour = watch.Observe(now, 60);
  judged.posts_1h = hour.posts;
  judged.authors_1h = hour.all_authors;
  judged.expected_1h = std::max(floor_mean_per_hour, watch.Expect(now, kHourSpan, state.volume, state.prior).mean);
  judged.needed_score = NeededScore(watch, state.volume, now, options_);
  return judged;
}

void Detector::CountBeginning(TopicId topic, ScopeWatch& watch, Minute now) {
  if (IsGroup(topic)) return;  // its members are counted
  std::uint8_t& counted = watch.counted_authors;
  // A run is over when less than half of it is left.
  if (2 * watch.TrustedAuthors(now - 1, 59) < counted) counted = 0;
  const auto authors =
      static_cast<std::uint8_t>(std::min<std::uint64_t>(watch.TrustedAuthors(now, 60), NewTopics::kAuthorsMax));
  if (authors <= counted) return;
  beginnings_.push_back({watch.scope(), counted, authors});
  counted = authors;
}

void Detector::LearnBeginnings() {
  for (const Beginning& of : beginnings_) states_[of.scope].new_topics.Add(of.from, of.to, now_);
  beginnings_.clear();
}

Judged Detector::JudgeInContext(TopicId topic, const TopicWatch& watch, const ScopeWatch& scope, Minute now) const {
  const Judged judged = JudgeScope(topic, scope, now, 0);
  if (scopes_.IsCountry(scope.scope()) || judged.verdict.score < options_.end_score) return judged;
  // What spans countries may not expect less than they do together, each in its own rhythm; a source its part of it.
  double countries_mean = 0;
  for (const ScopeWatch& of : watch.scopes()) {
    if (!scopes_.IsCountry(of.scope())) continue;
    const ScopeState& country = states_.At(of.scope());
    countries_mean += of.Expect(now, kHourSpan, country.volume, country.prior).mean;
  }
  const bool source = scopes_.Name(scope.scope()).starts_with("source:");
  const double world = states_.At(kWorld).volume.Sum(now - kWindowMinutesMax, now);
  const double part =
      source ? states_.At(scope.scope()).volume.Sum(now - kWindowMinutesMax, now) / std::max(1.0, world) : 1;
  return JudgeScope(topic, scope, now, countries_mean * part);
}

void Detector::JudgeScopeOf(TopicId topic, TopicWatch& watch, ScopeWatch& scope, Minute now) {
  const ScopeState& state = states_[scope.scope()];
  const bool trending = Running(topic, scope.scope()) != nullptr;
  scope.Fold(now, state.volume, state.prior, trending, options_.baseline_half_life_days);
  if (!trending && static_cast<double>(scope.AllAuthors(now, kSpans.back())) < options_.authors_min) {
    if (scope.Expect(now, kHourSpan, state.volume, state.prior).mean <= kQuietPerHour)
      CountBeginning(topic, scope, now);
    return;
  }
  if (!trending && !scope.WorthJudging(now)) return;
  const Judged judged = JudgeInContext(topic, watch, scope, now);
  scope.Judged(now, judged.verdict.score);
  if (!trending && judged.expected_1h <= kQuietPerHour && judged.verdict.score < 1) CountBeginning(topic, scope, now);
  if (!trending && Hidden(topic)) return;
  BookOf(topic).Take(judged, now);
}

void Detector::JudgeTopic(TopicId topic, TopicWatch& watch, Minute now, std::span<const ScopeId> touched) {
  for (ScopeWatch& scope : watch.scopes()) {
    const bool wanted = touched.empty() ? Running(topic, scope.scope()) != nullptr
                                        : std::find(touched.begin(), touched.end(), scope.scope()) != touched.end();
    if (wanted) JudgeScopeOf(topic, watch, scope, now);
  }
}

std::optional<Judged> Detector::Explain(TopicId topic, ScopeId scope, Minute now) const {
  const auto watch = watches_.find(topic);
  if (watch == watches_.end()) return std::nullopt;
  for (const ScopeWatch& of : watch->second->scopes()) {
    if (of.scope() != scope) continue;
    Judged judged = JudgeInContext(topic, *watch->second, of, now);
    const bool waits = ReviewOf(topic) == ReviewState::kWaiting;
    judged.needed_score = (waits ? waiting_ : book_).NeededScore(judged);
    return judged;
  }
  return std::nullopt;
}

void Detector::Retract(const MentionHit& hit, Minute minute) {
  const auto watch = watches_.find(hit.topic);
  if (watch == watches_.end()) return;
  watch->second->Remove(hit, minute, scopes_);
  retracted_.insert(hit.topic);
}

void Detector::Forget(Minute now) {
  if (static_cast<int>(now) % 60 != 0) return;
  absl::erase_if(watches_, [&](const auto& entry) {
    TopicWatch& watch = *entry.second;
    if (Trending(entry.first) || !watch.forgettable(now)) return false;
    // What it did last is past by now, and may be a habit to remember.
    for (ScopeWatch& scope : watch.scopes()) {
      const ScopeState& state = states_[scope.scope()];
      scope.Fold(now, state.volume, state.prior, false, options_.baseline_half_life_days);
    }
    return watch.forgettable(now);
  });
}

std::size_t Detector::memory_bytes() const {
  std::size_t bytes = 0;
  for (const auto& [topic, watch] : watches_) bytes += watch->memory_bytes();
  return bytes + states_.memory_bytes() + hosts_.memory_bytes();
}

void Detector::Save(StateWriter& out) const {
  out.Put(now_);
  states_.Save(out);
  hosts_.Save(out);
  out.Put(static_cast<std::uint32_t>(watches_.size()));
  for (const auto& [topic, watch] : watches_) {
    out.Put(topic);
    watch->Save(out);
  }
  out.Put(static_cast<std::uint32_t>(episodes_.size()));
  for (const auto& [topic, episode] : episodes_) {
    out.Put(topic);
    episode.Save(out);
  }
  out.PutAll(std::vector<TopicId>(retracted_.begin(), retracted_.end()));
  book_.Save(out);
  waiting_.Save(out);
}

void Detector::Load(StateReader& in) {
  in.Get(now_);
  states_.Load(in);
  hosts_.Load(in);
  for (auto left = in.Get<std::uint32_t>(); left > 0 && in.ok(); --left) {
    const auto topic = in.Get<TopicId>();
    auto& watch = watches_[topic] = std::make_unique<TopicWatch>();
    watch->Load(in);
  }
  for (auto left = in.Get<std::uint32_t>(); left > 0 && in.ok(); --left) {
    const auto topic = in.Get<TopicId>();
    episodes_[topic].Load(in);
  }
  std::vector<TopicId> retracted;
  in.GetAll(retracted);
  retracted_.insert(retracted.begin(), retracted.end());
  book_.Load(in);
  waiting_.Load(in);
}

}  // namespace tagswell
