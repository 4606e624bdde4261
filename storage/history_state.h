// What a History holds and how a reader takes one consistent look at it. Internal to the history_*.cc.
#pragma once

#include <rocksdb/snapshot.h>

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "storage/author_tally.h"
#include "storage/byte_order.h"
#include "storage/combos.h"
#include "storage/database.h"
#include "storage/history.h"
#include "storage/history_cell.h"
#include "storage/history_pending.h"
#include "storage/hourly_posts.h"
#include "storage/text_map.h"

namespace tagswell {

class SnapshotGuard {
 public:
  explicit SnapshotGuard(rocksdb::DB& db) : db_(&db), snapshot_(db.GetSnapshot()) {}
  SnapshotGuard(const SnapshotGuard&) = delete;
  SnapshotGuard& operator=(const SnapshotGuard&) = delete;
  ~SnapshotGuard() { db_->ReleaseSnapshot(snapshot_); }
  const rocksdb::Snapshot* get() const { return snapshot_; }

 private:
  rocksdb::DB* db_;
  const rocksdb::Snapshot* snapshot_;
};

struct History::State {
  // What is being written, and the position that the same file moves the disk to.
  struct Flushing {
    HistoryPending rows;
    BlockSeq upto{0};
  };

  // One consistent look at disk and memory. Memory that the snapshot already holds is left out.
  struct View {
    std::unique_ptr<SnapshotGuard> snapshot;
    std::shared_ptr<const Flushing> flushing;
    std::vector<bool> in_scope;
    TextMap<std::vector<CellRow>> rows;  // of the asked hours, by cell name
  };

  State(Database& db, HashSalt hash_salt, const StoreOptions& options)
      : database(db), salt(hash_salt), rows_max(options.history_rows_pending_max) {}

  BlockSeq DiskPosition(const std::string& value) const {
    return BlockSeq{value.size() == 8 ? LoadBig<std::uint64_t>(value) : 0};
  }
  // `collect(source, view)` takes what is asked of one HistoryPending; the view knows the scope already.
  template <typename Collect>
  std::expected<View, Error> Look(std::string_view scope, const Collect& collect) const;
  // A look at these topics from `first_hour` through `last_hour`.
  std::expected<View, Error> LookAt(std::span<const std::string_view> topics, std::string_view scope,
                                    std::uint32_t first_hour, std::uint32_t last_hour) const;
  // Puts what a look at the topic finds in that hour into `cell`, normalized. False when that is nothing.
  std::expected<bool, Error> ReadCell(const View& view, std::uint32_t hour, std::string_view topic,
                                      HistoryCell& cell) const;
  // The topic's use in [from, to), as the look finds it.
  std::expected<AuthorTally, Error> TallyOf(const View& view, std::string_view topic, Minute from, Minute to) const;
  std::expected<void, Error> Write(const Flushing& flushing);

  struct TopicSum {
    std::string topic;
    std::uint64_t posts = 0;
    bool coarse = false;  // its authors are an estimate, and may be more than its posts
  };
  // Posts of every topic that has some in [from, to). Error: too_much_history.
  std::expected<std::vector<TopicSum>, Error> SumPosts(std::string_view scope, Minute from, Minute to,
                                                       std::uint64_t read_max);
  // The posts on disk of the minutes [begin, end) of the hour. `names` numbers the topics of the rows. Adds the rows of
  // cells that were read to `rows_read`.
  std::expected<HourlyPosts::Rows, Error> ReadHour(const View& view, std::uint32_t hour, std::uint32_t begin,
                                                   std::uint32_t end, TopicNumbers& names,
                                                   std::uint64_t& rows_read) const;

  Database& database;
  std::atomic<std::uint32_t> start_hour{0};  // those before were dropped; what comes late for them is not read
  const HashSalt salt;
  const std::size_t rows_max;

  mutable std::mutex mutex;  // guards all below
  Combos combos;
  HistoryPending pending;
  std::shared_ptr<const Flushing> flushing;
  BlockSeq folded{0};
  BlockSeq flushed{0};

  std::uint32_t combos_stored = 1;  // indexer thread only
  HourlyPosts hourly;
};

// The key of a cell.
inline std::string CellName(std::uint32_t hour, std::string_view topic) {
  std::string key;
  AppendBig(hour, key);
  key.append(topic);
  return key;
}

// Names that stand behind all cells, for no cell is of this hour: of the dictionary and of the position.
inline constexpr std::uint32_t kStateHour = std::numeric_limits<std::uint32_t>::max();
inline std::string ComboName(std::uint32_t number) {
  std::string key = CellName(kStateHour, "C");
  AppendBig(number, key);
  return key;
}
inline std::string PositionName() {
  return CellName(kStateHour, "position");
}

inline std::uint32_t HourOf(Minute minute) {
  return static_cast<std::uint32_t>(std::max(0, static_cast<int>(minute))) / 60;
}

// The part of hour `hour` that lies in [from, to), as minutes of the hour.
inline std::pair<std::uint32_t, std::uint32_t> MinutesIn(std::uint32_t hour, Minute from, Minute to) {
  const int start = static_cast<int>(hour) * 60;
  return {static_cast<std::uint32_t>(std::clamp(static_cast<int>(from) - start, 0, 60)),
          static_cast<std::uint32_t>(std::clamp(static_cast<int>(to) - start, 0, 60))};
}

inline std::unexpected<Error> BadRange() {
  return std::unexpected(
      Error{.code = "bad_range", .detail = "the range must be neither empty nor too long", .field = "to"});
}

inline std::unexpected<Error> CorruptCell() {
  return std::unexpected(Error{.code = "storage_failed", .detail = "a cell of the history is damaged"});
}

inline std::unexpected<Error> TooMuchToRead(std::uint64_t rows_max) {
  return std::unexpected(Error{.code = "too_much_history",
                               .detail = "the range holds more than " + std::to_string(rows_max) + " rows of history"});
}

template <typename Collect>
std::expected<History::State::View, Error> History::State::Look(std::string_view scope, const Collect& collect) const {
  View view;
  {
    const std::lock_guard lock(mutex);
    auto in_scope = combos.InScope(scope);
    if (!in_scope) return std::unexpected(in_scope.error());
    view.in_scope = std::move(*in_scope);
    view.flushing = flushing;
    collect(pending, view);
    view.snapshot = std::make_unique<SnapshotGuard>(database.db());
  }
  if (view.flushing) {
    // Rows and position are written together: the position in the snapshot tells whether the rows are in it.
    const auto position = database.Get(Family::kHistory, PositionName(), view.snapshot->get());
    if (!position) return std::unexpected(position.error());
    if (*position && DiskPosition(**position) >= view.flushing->upto) {
      view.flushing.reset();
    } else {
      collect(view.flushing->rows, view);
    }
  }
  return view;
}

}  // namespace tagswell
