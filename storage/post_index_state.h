// What a PostIndex holds. Internal to post_index.cc and post_admission.cc.
#pragma once

#include <atomic>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "storage/database.h"
#include "storage/post_index.h"
#include "storage/seen_filters.h"
#include "storage/stretch_files.h"
#include "storage/young_keys.h"

namespace tagswell {

// A full stretch whose files are not written yet.
struct ClosedStretch {
  Stretch stretch;
  std::shared_ptr<const YoungKeys> keys;
};

// Memory for the next stretch, made ready by the indexer: zeroing tens of megabytes would hold up a commit.
struct Spares {
  std::shared_ptr<YoungKeys> keys;       // empty ones; null: none yet
  std::optional<BlockedBloom> filter;    // of a generation that opens soon
  std::uint64_t filter_keys_wanted = 0;  // 0: none opens soon
};

struct PostIndex::State {
  // One look at everything but the open stretch; immutable.
  struct Older {
    std::deque<ClosedStretch> closed;                       // oldest first
    std::shared_ptr<const std::vector<Stretch>> stretches;  // by number
  };

  State(Database& db, const StoreOptions& chosen)
      : database(db), options(chosen), files(db), open(std::make_shared<YoungKeys>(chosen.stretch_posts / 16)) {}

  std::expected<bool, Error> Retracted(Position position, BlockSeq as_of = kEndOfLog) const;
  std::expected<bool, Error> SeenBefore(const PostKey& key, SeenFilters::Mask mask, const Older& older,
                                        std::span<const Position> leaving, std::unique_ptr<KeyLookup>& lookup) const;
  std::expected<void, Error> ClearSuspects(std::span<const PostKey> keys, std::span<const Position> leaving,
                                           std::span<bool> fresh);
  std::expected<void, Error> Build(const ClosedStretch& closed);
  void MakeSpareFilter();

  Database& database;
  const StoreOptions options;
  StretchFiles files;

  // Writer thread only.
  std::unique_ptr<SeenFilters> filters;
  std::vector<SeenFilters::Mask> masks;
  BlockSeq open_first{1};
  std::uint32_t open_posts = 0;
  std::uint64_t open_mentions = 0;
  std::optional<Timestamp> open_since;  // the stream's time at its first block
  std::uint32_t open_number = 0;

  mutable std::mutex keys_mutex;  // guards the next two
  std::shared_ptr<YoungKeys> open;
  Older older{.closed = {}, .stretches = std::make_shared<const std::vector<Stretch>>()};

  std::mutex spares_mutex;  // guards the next; no other is taken while it is held
  Spares spares;

  mutable std::mutex topics_mutex;  // guards the next two; taken before keys_mutex where both are
  TopicPositions young_topics;
  std::shared_ptr<const TopicPositions> building_topics;

  std::atomic<bool> any_retracted{false};
  RecentRetractions retractions;
  std::atomic<std::uint64_t> posts{0};
  std::atomic<std::uint64_t> filter_bytes{0};
  std::atomic<std::uint64_t> young_mentions{0};
};

}  // namespace tagswell
