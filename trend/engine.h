// The engine: posts and times in, trend events out. It owns every counter. A pure function of what it is given, in
// order: no clock, no thread, no socket, no disk. The same log gives the same events, byte for byte, however the posts
// were batched and in whatever order they arrived within the lateness.
// Not thread-safe: one thread owns it.
#pragma once

#include <absl/container/flat_hash_set.h>

#include <cstdint>
#include <expected>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "proto/alias_groups.h"
#include "proto/error.h"
#include "proto/post.h"
#include "proto/post_key.h"
#include "proto/trend_event.h"
#include "proto/window.h"
#include "trend/admission_sketch.h"
#include "trend/block_list.h"
#include "trend/detector.h"
#include "trend/open_minutes.h"
#include "trend/review_list.h"
#include "trend/scope_table.h"
#include "trend/state_io.h"
#include "trend/topic_table.h"

namespace tagswell {

struct EngineOptions {
  Duration lateness = std::chrono::seconds(30);  // posts this late are still in time
  HashSalt salt{};
  // Beyond so many topics at once, those that one author used, longest ago, are forgotten first; and while there is no
  // room, a new one is counted from its second author on, up to an eighth more.
  std::size_t topics_max = 3'000'000;
  DetectorOptions detector;
};

struct TopTopic {
  std::string topic;
  std::string display;
  std::uint64_t posts = 0;
  std::uint64_t authors = 0;
};
enum class TopOrder { kPosts, kAuthors };

// What trends in one scope, by rank.
struct Board {
  std::string scope;
  std::vector<TrendRow> rows;
};

// Why a topic trends in a scope, or does not.
struct TopicExplanation {
  TrendEvent state;         // of the newest closed minute; what belongs to a trend is empty without one
  double needed_score = 1;  // infinite: nothing would be announced
  // Why it does not trend: "blocked", "too_few_authors", "too_recent", "not_surprising", "scope_too_new",
  // "below_earlier_peak", "crowded_hour", "rejected", "awaits_review", "not_yet_judged". Empty: it trends.
  std::vector<std::string_view> failed;
};

struct EngineStats {
  Timestamp engine_time;
  Timestamp watermark;
  std::uint64_t posts = 0;
  std::uint64_t posts_with_topic = 0;
  std::uint64_t mentions = 0;
  std::uint64_t topics_seen = 0;  // distinct; exact up to 131,072, then within 1 %
  std::uint64_t topics_live = 0;
  std::uint64_t topics_watched = 0;
  std::uint64_t topics_forgotten = 0;     // for want of room, since the beginning
  std::uint64_t mentions_unadmitted = 0;  // not counted, of topics for which there was no room
  std::uint64_t trends = 0;
  std::uint64_t trends_waiting = 0;  // for a yes
  std::uint64_t late = 0;            // came after their minute was closed
  std::uint64_t memory_bytes = 0;
};

class Engine {
 public:
  explicit Engine(EngineOptions options);

  // The next posts of the log, of one block, from `place` on. O(mentions) amortised, with the minutes that their times
  // close. Much faster for many posts at once than one by one: most of the time goes into waiting for memory, and what
  // the next posts need is fetched while this one is counted.
  void Add(std::span<const Post> posts, LogPlace place);
  void Add(const Post& post, LogPlace place) { Add(std::span(&post, 1), place); }

  // A post that was added leaves every count.
  void Retract(const Post& post);

  // A topic may trend no more, or may again. Its running trends are withdrawn at once; all is counted as before.
  void Apply(const BlockChange& change);

  // A topic's trends are shown or not, or new ones wait or do not. Those that are not shown any more are withdrawn at
  // once; those that waited and may be shown start now, as they stand.
  void Apply(const ReviewChange& change);

  // Reads the log again: every post and retraction of the blocks from `from` up to the change, in order.
  using PastVisit = std::function<void(const Post& post, bool retracted, LogPlace place)>;
  using PastReader = std::function<void(std::uint64_t from, const PastVisit& visit)>;

  // Tags and phrases are one topic from here on, and were it in the last 24 hours; or are no more. `block` is where the
  // log says so. The running trends of what is not shown any more are withdrawn at once. `past` is called at most once.
  // O(posts of those hours).
  void Apply(const AliasChange& change, std::uint64_t block, const PastReader& past);

  // Time goes on without posts: `clock` is the wall clock less the lateness. Never goes back.
  void Advance(Timestamp clock);

  // Called between two pieces of a minute's close, a few milliseconds apart: the engine may be asked then, not changed.
  void SetYield(std::function<void()> yield) { yield_ = std::move(yield); }

  // Called at the end of each minute that is closed, with the time at which its events were emitted.
  void SetMinuteEnd(std::function<void(Minute)> minute_end) { minute_end_ = std::move(minute_end); }

  // Events since the last call, in order, numbered 1, 2, 3, ... over the engine's life.
  std::vector<TrendEvent> TakeEvents();

  // The most used topics of the window that ends with the newest minute. Exact; ties by topic. Topics without a post
  // in the window are left out. O(topics) at a few nanoseconds each, plus the rows.
  std::vector<TopTopic> Top(ScopeId scope, Window window, TopOrder order, std::size_t limit) const;
  Minute TopEnd() const { return MinuteOf(Present()) + 1; }

  // What trends now, by rank.
  std::vector<TrendRow> Trends(ScopeId scope, std::size_t limit) const;

  // Trends that wait for a yes, those with the most authors beyond what was expected first. Ranks have no meaning here.
  // O(waiting trends).
  std::vector<TrendRow> Waiting() const;

  // The same for every scope in which something trends. O(running trends).
  std::vector<Board> Boards() const;

  // The end of the newest closed minute; 0 before the first post.
  Minute closed_until() const { return next_close_; }

  // The running trends of one topic, in the order of their scopes' names.
  std::vector<TrendRow> TrendsOf(std::string_view topic) const;

  // Nullopt when nothing is left of the topic, or it was not used in the scope within a day.
  std::optional<TopicExplanation> Explain(std::string_view topic, ScopeId scope) const;

  const BlockList& blocks() const { return blocks_; }
  const ReviewList& reviews() const { return reviews_; }
  const AliasGroups& groups() const { return groups_; }

  std::optional<ScopeId> FindScope(std::string_view name) const { return scopes_.Find(name); }
  const ScopeTable& scopes() const { return scopes_; }

  // Counts of one topic per window, in one scope; nullopt for a topic of which nothing is left.
  std::optional<std::vector<TopTopic>> Windows(std::string_view topic, ScopeId scope) const;

  EngineStats Stats() const;
  std::uint64_t next_seq() const { return next_seq_; }
  // The next event gets this number: for an engine that begins in the middle of a stream whose events are told.
  void NumberFrom(std::uint64_t seq) { next_seq_ = seq; }

  // Hands out the whole state, for a checkpoint, in pieces of up to 1 MiB. O(state).
  void Save(const StateSink& sink) const;
  // Error: corrupt_checkpoint; the engine is then unusable.
  std::expected<void, Error> Load(std::string_view bytes);

 private:
  // Posts whose memory is fetched ahead: enough to keep it busy, few enough to stay in the first cache.
  static constexpr std::size_t kPostsAhead = 16;

  // Where the newest post's time first reached an hour: posts of that hour, and later ones, stand there or behind.
  struct HourStart {
    Minute hour;
    std::uint64_t block;
  };

  // What is known of a mention before it is counted. The id may be out of date: the name decides.
  struct Ahead {
    std::uint64_t hash;  // of the topic's name
    std::uint64_t author;
    ComboId combo;
    std::optional<TopicId> id;
  };
  void LookAhead(std::span<const Post> posts);
  void AddOne(const Post& post, LogPlace place, std::span<const Ahead> ahead);
  Timestamp Present() const;
  TrendRow RowOf(const Trend& trend) const;
  // As much of the author's hash as the tables keep: the same everywhere, so that the same people are counted.
  std::uint64_t AuthorOf(const Post& post) const;
  MentionHit HitOf(const Post& post, std::uint64_t author, ComboId combo) const;
  static std::uint64_t ScopeBits(std::span<const ScopeId> scopes);  // as TopicTable::Summary has them
  void CountPost(const Post& post, int sign);
  void CloseMinutesUntil(Timestamp time);
  void CloseMinute(Minute minute);
  // Gives the events from `first` on their numbers.
  void NumberEvents(std::size_t first);
  void Sweep(Minute now);
  // The topic; nullopt when it is new, there is no room and no second author has come yet.
  std::optional<TopicId> LetIn(std::string_view name, std::uint64_t hash, std::uint64_t author);
  // Makes room when there is little. `now`: the end of the newest closed minute. O(topics) when it does.
  void ForgetQuiet(Minute now);
  // With mentions of the groups that the posts belong to. At most kPostsAhead of them; valid until the next call.
  std::span<const Post> Extended(std::span<const Post> posts);
  void NoteHour(std::uint64_t block);
  // A post of the day before that belongs to a new group.
  struct PastPost {
    MentionHit hit;
    Minute minute;
    FirstPost place;
    std::string spelling;
  };
  std::vector<PastPost> ReadPast(const AliasChange& change, std::uint64_t block, const PastReader& past);
  void AddPast(const std::string& key, std::vector<PastPost>& posts, std::span<const TopicId> members);
  void DropGroup(const std::string& key);
  void SaveGroups(StateWriter& out) const;
  void LoadGroups(StateReader& in);
  std::optional<TopicId> FindCounted(std::string_view topic) const { return topics_.Find(groups_.KeyOf(topic)); }
  void SeeTopic(std::uint64_t hash);

  EngineOptions options_;
  ScopeTable scopes_;
  TopicTable topics_;
  AdmissionSketch newcomers_;
  BlockList blocks_;
  ReviewList reviews_;
  AliasGroups groups_;
  Detector detector_;
  OpenMinutes open_;

  std::function<void()> yield_;
  std::function<void(Minute)> minute_end_;
  std::vector<Ahead> ahead_;                // reused by Add
  std::vector<Post> scratch_{kPostsAhead};  // reused by Extended
  std::vector<MentionHit> grouped_;         // reused by CloseMinute
  std::vector<std::uint32_t> group_starts_;

  Timestamp newest_ = kTimestampMin;  // greatest created_at seen
  Timestamp clock_ = kTimestampMin;
  Minute next_close_{0};  // the first minute that is still open; 0: no post yet
  std::vector<TrendEvent> events_;
  std::uint64_t next_seq_ = 1;
  std::vector<HourStart> hours_;  // of the last day, and one before
  std::size_t sweep_at_ = 0;

  // Of the detector and of watched topics, summed up by Stats at most once a minute of the stream.
  mutable std::size_t watched_bytes_ = 0;
  mutable Minute watched_bytes_at_{0};

  std::uint64_t posts_ = 0;
  std::uint64_t posts_with_topic_ = 0;
  std::uint64_t mentions_ = 0;
  std::uint64_t late_ = 0;
  std::uint64_t topics_forgotten_ = 0;
  std::uint64_t mentions_unadmitted_ = 0;
  absl::flat_hash_set<std::uint64_t> topics_seen_;
  std::vector<std::uint8_t> topics_seen_ranks_;  // a HyperLogLog when they are too many
};

}  // namespace tagswell
