// The trend events, by sequence number. Any thread may read; one thread appends, one drops.
#pragma once

#include <atomic>
#include <cstdint>
#include <expected>
#include <span>
#include <string_view>
#include <vector>

#include "proto/error.h"
#include "proto/time.h"
#include "proto/trend_event.h"

namespace tagswell {

class Database;

class EventLog {
 public:
  explicit EventLog(Database& database);

  std::expected<void, Error> Open();

  // Stores events, in order of seq. One that is already stored is skipped: after a restart the engine folds again and
  // makes the same events. Errors: event_gap (a seq beyond the next), storage_failed.
  // Durable with the next sync of the log; what a crash takes is made again by the fold.
  std::expected<void, Error> Append(std::span<const TrendEvent> events);

  // Drops the events that are older than `before`, but for the newest of all, which the next is numbered after. Returns
  // how many. Errors: corrupt_event, storage_failed, disk_full. O(log n + those that go).
  std::expected<std::uint64_t, Error> DropBefore(Timestamp before);

  std::uint64_t OldestSeq() const { return oldest_; }  // 0 when there is none
  std::uint64_t LastSeq() const { return last_; }      // 0 when there is none

  // Up to `limit` events after `since_seq`, in order. Errors: corrupt_event, storage_failed.
  std::expected<std::vector<TrendEvent>, Error> Read(std::uint64_t since_seq, std::size_t limit) const;

  // The same of one topic, or of one scope. O(log n + those that are read).
  std::expected<std::vector<TrendEvent>, Error> ReadOfTopic(std::string_view topic, std::uint64_t since_seq,
                                                            std::size_t limit) const;
  std::expected<std::vector<TrendEvent>, Error> ReadOfScope(std::string_view scope, std::uint64_t since_seq,
                                                            std::size_t limit) const;

  // The events from_seq .. to_seq, both included, as far as they exist.
  std::expected<std::vector<TrendEvent>, Error> ReadRange(std::uint64_t from_seq, std::uint64_t to_seq) const;

  // The last event whose time is not after `at`; 0 when there is none. O(log n) reads.
  std::expected<std::uint64_t, Error> SeqAt(Timestamp at) const;

 private:
  // Puts what older versions stored under its topic and its scope, too.
  std::expected<void, Error> ListOlder();
  std::expected<std::vector<TrendEvent>, Error> ReadListed(const std::string& list, std::uint64_t since_seq,
                                                           std::size_t limit) const;
  std::expected<void, Error> UnlistBefore(std::uint64_t kept);

  Database& database_;
  std::atomic<std::uint64_t> oldest_{0};
  std::atomic<std::uint64_t> last_{0};
};

}  // namespace tagswell
