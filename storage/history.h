// How often each topic was used, minute by minute, for ever or until DropBefore: a fold of its own over the log, behind
// the engine.
//
// Posts are exact. Distinct authors are exact while no minute of the topic had more than 128 of them; such a minute is
// kept as a HyperLogLog (14 bits), and the answer says that it is an estimate (standard error 0.8 %).
//
// Threads: the indexer thread owns Fold, Flush and DropBefore. The rest may be called from any thread and sees all that
// was folded, flushed or not.
#pragma once

#include <cstdint>
#include <expected>
#include <functional>
#include <limits>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "proto/error.h"
#include "proto/post_codec.h"
#include "proto/post_key.h"
#include "proto/time.h"
#include "storage/log_block.h"
#include "storage/store_options.h"
#include "storage/topic_course.h"

namespace tagswell {

class Database;

struct TopRow {
  std::string topic;
  std::string display;  // the spelling used most, over all time
  std::uint64_t posts = 0;
  std::uint64_t authors = 0;
  bool authors_exact = true;
};

struct HistoryStep {
  Timestamp at;  // start of the step
  std::uint64_t posts = 0;
  std::uint64_t authors = 0;
  bool authors_exact = true;
};

enum class TopBy : unsigned char { kPosts, kAuthors };

// Which topics a board takes in, and how much may be read to sum their posts, and then to count the authors of those
// that may be on it. A row is a topic, an author and a minute; in an hour that was summed before, a topic and a place.
struct TopFilter {
  std::function<bool(std::string_view topic)> accepts = {};  // empty: every topic
  std::uint64_t rows_max = std::numeric_limits<std::uint64_t>::max();
};

enum class CurveOf : unsigned char {
  kPosts,          // at i: posts of the minute from + i
  kAuthorsOfHour,  // at i: distinct authors of the 60 minutes before from + i
};
using Curve = std::vector<std::uint32_t>;

class History {
 public:
  History(Database& database, HashSalt salt, const StoreOptions& options);
  ~History();

  // Loads the dictionary and the position. Returns the last block folded; the blocks behind it are to be folded again.
  std::expected<BlockSeq, Error> Open();

  // Records of the block that is being folded, in order.
  void Fold(std::span<const Record> records);

  // The block is complete. Flushes when enough rows are pending. Blocks must come in order.
  std::expected<void, Error> EndBlock(BlockSeq block);

  // Writes what is pending and the position it stands at, as sorted files that come in at once: a restart doubles and
  // loses nothing.
  std::expected<void, Error> Flush();

  BlockSeq FoldedUpTo() const;   // in memory
  BlockSeq FlushedUpTo() const;  // on disk

  // Drops the hours that end at or before `before`; how topics are spelled stays. False when that is so already.
  // Errors: storage_failed, disk_full. O(1).
  std::expected<bool, Error> DropBefore(Minute before);
  Minute Start() const;  // the hours before it were dropped, and count as nothing; 0: none were

  // The start of the first hour that anything is known of; none when the history is empty.
  std::expected<std::optional<Minute>, Error> First() const;

  // The most used topics of [from, to): by count descending, then by the topic's bytes. Errors: bad_scope, bad_range,
  // too_much_history (more rows than the filter allows). Sums whole hours once and keeps them (HourlyPosts), and counts
  // the authors of those only that may be on the board (the threshold algorithm: Fagin, Lotem and Naor, Optimal
  // aggregation algorithms for middleware, PODS 2001). O(topics of each hour of the range), about 5 ns each; 300 when
  // the hour is new.
  std::expected<std::vector<TopRow>, Error> Top(std::string_view scope, Minute from, Minute to, TopBy by,
                                                std::size_t limit, const TopFilter& filter = {}) const;

  // Posts and distinct authors of one topic for each step of [from, to), the first starting at `from`; steps without a
  // post are left out. Errors: bad_scope, bad_range, bad_step. O(hours of the range).
  std::expected<std::vector<HistoryStep>, Error> Steps(std::string_view topic, std::string_view scope, Minute from,
                                                       Minute to, int step_minutes) const;

  // Posts of each topic in [from, to). Errors: bad_scope, bad_range. O(topics x hours of the range).
  std::expected<std::vector<std::uint64_t>, Error> PostsOf(std::span<const std::string_view> topics,
                                                           std::string_view scope, Minute from, Minute to) const;

  // One curve a topic, with a value for each minute of [from, to). Authors are counted as by Steps. Errors: bad_scope,
  // bad_range, too_much_history (more than `rows_max` rows would be read). O(topics x minutes + rows).
  std::expected<std::vector<Curve>, Error> Curves(std::span<const std::string_view> topics, std::string_view scope,
                                                  Minute from, Minute to, CurveOf what, std::uint64_t rows_max) const;

  // The life of one topic, as far as it is in the hours of [from, to); `milestones` ascend. Reads up to `rows_max` rows
  // (an author in a minute, or a register of a crowded one), the oldest: TopicCourse::complete says whether these are
  // all. Errors: storage_failed. O(rows + hours of the range), about half a microsecond each, but for long times in
  // which nothing at all was used.
  std::expected<TopicCourse, Error> CourseOf(std::string_view topic, Minute from, Minute to,
                                             std::span<const std::uint64_t> milestones, std::uint64_t rows_max) const;

  // The spelling used most; the topic itself when none is known (it came by a phrase only).
  std::string Display(std::string_view topic) const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace tagswell
