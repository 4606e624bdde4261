// The trend events, by sequence number. Any thread may read; one thread appends, one drops.
#pragma once

#include <atomic>
#include <cstdint>
#include <expected>
#include <span>
#include <string>
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

  // The same of those that one of the topics, one of the scopes and one of the types are of; nothing named in a list
  // asks for nothing. Reads no other event: O(log n) for each that is found, and for each turn that the lists take
  // until they name the same one.
  struct Choice {
    std::span<const std::string> topics = {};
    std::span<const std::string> scopes = {};
    std::span<const TrendEventType> types = {};
  };
  std::expected<std::vector<TrendEvent>, Error> ReadChosen(const Choice& choice, std::uint64_t since_seq,
                                                           std::size_t limit) const;

  // The events from_seq .. to_seq, both included, as far as they exist.
  std::expected<std::vector<TrendEvent>, Error> ReadRange(std::uint64_t from_seq, std::uint64_t to_seq) const;

  // The last event whose time is not after `at`; 0 when there is none. O(log n) reads.
  std::expected<std::uint64_t, Error> SeqAt(Timestamp at) const;

 private:
  // Puts what older versions stored under its topic, its scope and its type, too.
  std::expected<void, Error> ListOlder();
  std::expected<void, Error> UnlistBefore(std::uint64_t kept);

  Database& database_;
  std::atomic<std::uint64_t> oldest_{0};
  std::atomic<std::uint64_t> last_{0};
};

}  // namespace tagswell
