#include "trend/engine.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <tuple>

#include "trend/author_host.h"
#include "trend/text_fingerprint.h"

namespace tagswell {
namespace {

constexpr std::size_t kTopicsSeenExactMax = 131'072;
// A silence longer than this is passed over at once: every trend has ended by then, and nothing else happens in it.
constexpr int kCloseOneByOneMax = 2 * 24 * 60;
// Every topic is looked at for expiry once in so many minutes.
constexpr std::size_t kSweepMinutes = 360;
// Questions are let in about so often while a minute closes: a few milliseconds of work.
constexpr std::size_t kYieldMentions = 10'000;
// Raised with every change of what is saved.
constexpr std::uint32_t kCheckpointVersion = 15;

}  // namespace

std::uint64_t Engine::ScopeBits(std::span<const ScopeId> scopes) {
  std::uint64_t bits = 0;
  for (const ScopeId scope : scopes) {
    if (scope != kWorld) bits |= std::uint64_t{1} << (Index(scope) % 64);
  }
  return bits;
}

Engine::Engine(EngineOptions options)
    : options_(std::move(options)),
      topics_(options_.salt),
      detector_(options_.detector, scopes_, blocks_, reviews_, groups_, topics_) {}

Timestamp Engine::Present() const {
  const Timestamp wall = clock_ == kTimestampMin ? kTimestampMin : clock_ + options_.lateness;
  return std::max(newest_, wall);
}

MentionHit Engine::HitOf(const Post& post, std::uint64_t author, ComboId combo) const {
  const bool young = post.author_created_at && post.created_at - *post.author_created_at <
                                                   std::chrono::days(options_.detector.young_account_days);
  return {.author = author,
          .topic = {},
          // A repost says openly whose words they are.
          .text = post.kind == PostKind::kRepost ? 0 : TextFingerprint(post.text),
          .combo = combo,
          .doubtful = young || post.author_is_bot,
          .host = HostHash(post.author, options_.salt)};
}

std::uint64_t Engine::AuthorOf(const Post& post) const {
  return MinuteTable::Kept(AuthorHash(post.author, options_.salt));
}

void Engine::SeeTopic(std::uint64_t hash) {
  if (topics_seen_ranks_.empty()) {
    topics_seen_.insert(hash);
    if (topics_seen_.size() <= kTopicsSeenExactMax) return;
    topics_seen_ranks_.resize(SlidingHyperLogLog::kRegisters);
  }
  const auto rank_one = [this](std::uint64_t of) {
    constexpr int kPrecision = SlidingHyperLogLog::kPrecision;
    std::uint8_t& known = topics_seen_ranks_[of >> (64 - kPrecision)];
    known = std::max(known, static_cast<std::uint8_t>(
                                std::countl_zero((of << kPrecision) | (std::uint64_t{1} << (kPrecision - 1))) + 1));
  };
  for (const std::uint64_t known : topics_seen_) rank_one(known);
  topics_seen_.clear();
  rank_one(hash);
}

void Engine::LookAhead(std::span<const Post> posts) {
  // In steps over all posts, each fetching what the next one reads.
  ahead_.clear();
  for (const Post& post : posts) {
    if (post.mentions.empty()) continue;
    const std::uint64_t author = AuthorOf(post);
    const ComboId combo = scopes_.ComboOf(post.lang, post.country, post.source);
    for (const Mention& mention : post.mentions) {
      ahead_.push_back({topics_.HashOf(mention.topic), author, combo, std::nullopt});
      topics_.PrefetchFind(ahead_.back().hash);
    }
  }
  for (Ahead& ahead : ahead_) {
    ahead.id = topics_.FirstUnder(ahead.hash);
    if (ahead.id) topics_.PrefetchTopic(*ahead.id);
  }
  for (const Ahead& ahead : ahead_) {
    if (ahead.id) topics_[*ahead.id].cell.Prefetch();
  }
  for (const Ahead& ahead : ahead_) {
    if (ahead.id) topics_[*ahead.id].cell.PrefetchAuthor(ahead.author, ahead.combo);
  }
}

void Engine::Add(std::span<const Post> posts, LogPlace place) {
  while (!posts.empty()) {
    const auto own = posts.first(std::min(posts.size(), kPostsAhead));
    const auto group = Extended(own);
    LookAhead(group);
    std::span<const Ahead> ahead = ahead_;
    for (const Post& post : group) {
      AddOne(post, place, ahead.first(post.mentions.size()));
      ahead = ahead.subspan(post.mentions.size());
      ++place.index;
    }
    posts = posts.subspan(own.size());
  }
}

void Engine::AddOne(const Post& post, LogPlace place, std::span<const Ahead> ahead) {
  CountPost(post, 1);
  newest_ = std::max(newest_, post.created_at);
  NoteHour(place.block);
  const Minute minute = MinuteOf(post.created_at);
  // The first post to arrive need not be the oldest.
  if (next_close_ == Minute{0}) next_close_ = MinuteOf(std::max(kTimestampMin, post.created_at - options_.lateness));

  const Minute oldest = MinuteOf(Present()) + 1 - kWindowMinutesMax;
  const bool in_time = minute >= next_close_;
  if (!in_time) ++late_;
  if (minute >= oldest) {
    const ComboId combo = ahead.empty() ? scopes_.ComboOf(post.lang, post.country, post.source) : ahead.front().combo;
    if (in_time) open_.AddPost(minute, combo);
    const std::uint64_t scopes = post.mentions.empty() ? 0 : ScopeBits(scopes_.ScopesOf(combo));
    MentionHit hit{};
    if (!post.mentions.empty()) hit = HitOf(post, ahead.front().author, combo);
    for (std::size_t i = 0; i < post.mentions.size(); ++i) {
      const Mention& mention = post.mentions[i];
      const bool known = ahead[i].id && topics_[*ahead[i].id].name == mention.topic;
      const auto let_in = known ? ahead[i].id : LetIn(mention.topic, ahead[i].hash, hit.author);
      if (!let_in) {
        SeeTopic(ahead[i].hash);
        continue;
      }
      const TopicId id = *let_in;
      hit.topic = id;
      Topic& topic = topics_[id];
      TopicTable::Summary& summary = topics_.SummaryOf(id);
      if (summary.last == Minute{0} && !IsGroupKey(topic.name)) SeeTopic(ahead[i].hash);
      // What is older than a day is gone, whether or not the sweep has been here.
      if (summary.last != Minute{0} && summary.last < oldest) topic.cell.Expire(oldest);
      topic.cell.Add(hit.author, minute, combo, scopes_);
      hit.spelling = topic.spellings.Add(topic.shown(), mention.spelling);
      summary.last = std::max(summary.last, minute);
      ++summary.posts;
      summary.scopes |= scopes;
      if (post.created_at <= topic.first.created_at) {
        const auto tie = static_cast<std::uint32_t>(KeyOf(post.source, post.id, options_.salt).low);
        topic.first = std::min(topic.first, FirstPost{post.created_at, place.block, place.index, tie});
      }
      if (in_time) open_.AddMention(minute, hit);
    }
  } else {
    for (std::size_t i = 0; i < ahead.size(); ++i) {
      if (!IsGroupKey(post.mentions[i].topic)) SeeTopic(ahead[i].hash);
    }
  }
  CloseMinutesUntil(newest_ - options_.lateness);
}

void Engine::CountPost(const Post& post, int sign) {
  const auto counted = [](const Mention& mention) { return !IsGroupKey(mention.topic); };
  const auto mentions = static_cast<std::uint64_t>(std::ranges::count_if(post.mentions, counted));
  const auto change = [sign](std::uint64_t& count, std::uint64_t by) { count = sign > 0 ? count + by : count - by; };
  change(posts_, 1);
  change(posts_with_topic_, mentions > 0 ? 1 : 0);
  change(mentions_, mentions);
}

void Engine::Retract(const Post& stored) {
  const Post& post = Extended(std::span(&stored, 1)).front();
  CountPost(post, -1);
  const Minute minute = MinuteOf(post.created_at);
  const ComboId combo = scopes_.ComboOf(post.lang, post.country, post.source);
  if (minute >= next_close_) open_.RemovePost(minute, combo);
  for (const Mention& mention : post.mentions) {
    const auto id = topics_.Find(mention.topic);
    if (!id) continue;
    Topic& topic = topics_[*id];
    MentionHit hit = HitOf(post, AuthorOf(post), combo);
    hit.topic = *id;
    topic.cell.Remove(hit.author, minute, combo, scopes_);
    topic.spellings.Remove(topic.shown(), mention.spelling, minute < next_close_);
    if (minute >= next_close_) {
      open_.RemoveMention(minute, hit);
    } else {
      detector_.Retract(hit, minute);
    }
  }
}

void Engine::Apply(const BlockChange& change) {
  blocks_.Apply(change);
  const auto topic = FindCounted(change.topic);
  if (change.lifted || !topic) return;
  const std::size_t first = events_.size();
  detector_.Withdraw(*topic, "blocked", events_);
  NumberEvents(first);
}

void Engine::Apply(const ReviewChange& change) {
  reviews_.Apply(change);
  const std::size_t first = events_.size();
  detector_.FollowReviews(events_);
  NumberEvents(first);
}

void Engine::Advance(Timestamp clock) {
  clock_ = std::max(clock_, clock);
  if (next_close_ != Minute{0}) CloseMinutesUntil(clock_);
}

void Engine::CloseMinutesUntil(Timestamp time) {
  const Minute until = MinuteOf(time);
  for (int closed = 0; next_close_ < until; ++closed) {
    if (closed == kCloseOneByOneMax) {
      next_close_ = until;
      return;
    }
    CloseMinute(next_close_);
    next_close_ = next_close_ + 1;
  }
}

void Engine::CloseMinute(Minute minute) {
  OpenMinutes::Content content = open_.Take(minute);
  const std::size_t first = events_.size();
  detector_.BeginMinute(minute, content.posts);
  std::size_t since_yield = 0;
  for (OpenMinutes::Hits& part : content.parts) {
    if (part.empty()) continue;
    GroupByTopic(part, grouped_, group_starts_);
    part = {};
    detector_.Observe(minute, grouped_);
    since_yield += grouped_.size();
    if (since_yield < kYieldMentions || !yield_) continue;
    yield_();
    since_yield = 0;
  }
  detector_.EndMinute(events_);
  NumberEvents(first);
  Sweep(minute + 1);
  ForgetQuiet(minute + 1);
  if (minute_end_) minute_end_(minute + 1);
}

void Engine::NumberEvents(std::size_t first) {
  for (std::size_t i = first; i < events_.size(); ++i) {
    TrendEvent& event = events_[i];
    event.seq = next_seq_++;
    if (event.type != TrendEventType::kStarted && event.type != TrendEventType::kMilestone) continue;
    if (const auto topic = FindCounted(event.topic))
      event.first_place = {topics_[*topic].first.block, topics_[*topic].first.index};
  }
}

void Engine::Sweep(Minute now) {
  const std::size_t limit = topics_.id_limit();
  const Minute oldest = now - kWindowMinutesMax;
  for (std::size_t left = std::min(limit, limit / kSweepMinutes + 1); left > 0; --left) {
    if (sweep_at_ >= limit) sweep_at_ = 0;
    const TopicId id{static_cast<std::uint32_t>(sweep_at_++)};
    Topic& topic = topics_[id];
    if (topic.name.empty()) continue;
    if (topic.cell.Expire(oldest) && topics_.SummaryOf(id).last < oldest && !detector_.Watches(id)) {
      topics_.Erase(id);
      continue;
    }
    static const ScopeFilter kWorldFilter{ScopeTable{}, kWorld};
    topics_.SummaryOf(id).posts =
        std::max<std::uint32_t>(1, static_cast<std::uint32_t>(topic.cell.Posts(kWorldFilter, oldest)));
  }
}

std::vector<TrendEvent> Engine::TakeEvents() {
  return std::exchange(events_, {});
}

void Engine::Save(const StateSink& sink) const {
  StateWriter out(sink);
  out.Put(kCheckpointVersion);
  const auto combos = scopes_.Combos();
  out.Put(static_cast<std::uint32_t>(combos.size()));
  for (const auto& parts : combos) {
    for (const std::string& part : parts) out.Put(part);
  }
  topics_.Save(out);
  detector_.Save(out);
  open_.Save(out);
  blocks_.Save(out);
  reviews_.Save(out);
  SaveGroups(out);
  out.Put(newest_);
  out.Put(clock_);
  out.Put(next_close_);
  out.Put(next_seq_);
  out.Put(static_cast<std::uint64_t>(sweep_at_));
  out.Put(posts_);
  out.Put(posts_with_topic_);
  out.Put(mentions_);
  out.Put(late_);
  out.Put(topics_forgotten_);
  out.Put(mentions_unadmitted_);
  newcomers_.Save(out);
  out.PutAll(std::vector<std::uint64_t>(topics_seen_.begin(), topics_seen_.end()));
  out.PutAll(topics_seen_ranks_);
  out.Finish();
}

std::expected<void, Error> Engine::Load(std::string_view bytes) {
  StateReader in(bytes);
  if (in.Get<std::uint32_t>() != kCheckpointVersion)
    return std::unexpected(Error{"corrupt_checkpoint", "The checkpoint is of another version."});
  for (auto left = in.Get<std::uint32_t>(); left > 0 && in.ok(); --left) {
    std::array<std::string, 3> parts;
    for (std::string& part : parts) in.Get(part);
    scopes_.ComboOf(parts[0], parts[1], parts[2]);
  }
  topics_.Load(in);
  detector_.Load(in);
  open_.Load(in);
  blocks_.Load(in);
  reviews_.Load(in);
  LoadGroups(in);
  in.Get(newest_);
  in.Get(clock_);
  in.Get(next_close_);
  in.Get(next_seq_);
  sweep_at_ = static_cast<std::size_t>(in.Get<std::uint64_t>());
  in.Get(posts_);
  in.Get(posts_with_topic_);
  in.Get(mentions_);
  in.Get(late_);
  in.Get(topics_forgotten_);
  in.Get(mentions_unadmitted_);
  newcomers_.Load(in);
  std::vector<std::uint64_t> seen;
  in.GetAll(seen);
  topics_seen_.insert(seen.begin(), seen.end());
  in.GetAll(topics_seen_ranks_);
  if (!in.ok() || !in.AtEnd())
    return std::unexpected(Error{"corrupt_checkpoint", "The checkpoint ends early or goes on too long."});
  return {};
}

}  // namespace tagswell
