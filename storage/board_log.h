// The boards: what trended in each scope at the end of each minute, as it was shown then; and which posts were taken
// back since. Any thread may read; one thread adds and writes, one drops.
#pragma once

#include <rocksdb/write_batch.h>

#include <cstdint>
#include <expected>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "proto/error.h"
#include "proto/post.h"
#include "proto/time.h"
#include "proto/trend_event.h"
#include "storage/log_block.h"

namespace tagswell {

class Database;

class BoardLog {
 public:
  explicit BoardLog(Database& database) : database_(database) {}

  // Finds how far the stored boards go. Before all else.
  std::expected<void, Error> Open();

  // The board of a scope at the end of the minutes before `at`; minutes come in order. An empty one need not be added.
  // One of a minute that was written before the last Open is passed over: a fold of a log from which posts have been
  // erased would make another one than was shown.
  void Add(std::string_view scope, Minute at, std::span<const TrendRow> rows);

  // A post that left the counts after the boards up to `shown` were made; its groups stand among its
  // mentions. `retraction`: where the log says so.
  void AddTakenBack(const Post& post, Minute shown, Position retraction);

  // Whether that key of the family is of a board; the others are of posts that were taken back.
  static bool IsBoard(std::string_view key);
  // The minute of the board, or of the post that was taken back.
  static std::optional<std::uint32_t> MinuteOfKey(std::string_view key);

  // Whether something was added that is not written.
  bool pending() const { return batch_.Count() > 0; }

  // Writes what is pending; what fails stays so. Durable with the next sync of the log: what a crash takes, the fold
  // makes again. Errors: disk_full, storage_failed.
  std::expected<void, Error> Write();

  // Drops the boards of minutes before `before`: at once for readers; their bytes leave the disk when RocksDB compacts
  // what holds them, within a week. False when that is so already. Errors: storage_failed, disk_full. O(1).
  std::expected<bool, Error> DropBefore(Minute before);
  Minute Start() const;  // boards of minutes before it were dropped; 0: none were

  // Empty where nothing trended, and where the board was dropped. Errors: corrupt_board, storage_failed. O(log n).
  std::expected<std::vector<TrendRow>, Error> At(std::string_view scope, Minute at) const;

  // Posts of the topic in the minutes [from, at) that stood in the scope's board at `at` and were taken back later.
  // O(log n), and some for each post taken back.
  std::expected<std::uint64_t, Error> TakenBackSince(std::string_view scope, std::string_view topic, Minute from,
                                                     Minute at) const;

 private:
  Database& database_;
  Minute stored_until_{0};  // at Open
  rocksdb::WriteBatch batch_;
};

}  // namespace tagswell
