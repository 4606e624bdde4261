// Everything about a store that can be chosen. Plain values with defaults; Validate() names what is wrong.
#pragma once

#include <cstdint>
#include <expected>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "proto/error.h"
#include "proto/post_key.h"
#include "proto/time.h"

namespace tagswell {

// When a commit reaches the disk for certain.
enum class FsyncPolicy : unsigned char {
  kAlways,    // before it is acknowledged: one sync a block
  kInterval,  // at most `fsync_interval` later, when the writer calls SyncIfDue
  kNever,     // when the system likes
};

// The same posts give the same estimates in every store that does not choose its own salt. It is public: for replays
// and tests, not for posts that strangers send.
inline constexpr HashSalt kDefaultSalt{0x7461677377656c6cULL};

// One that nobody can guess: who knows the salt can craft names that meet in one slot of a table.
HashSalt DrawSalt();

// How long each kind is kept, in the stream's time; 0: for ever. Whole ranges go, so that what is left is always more.
struct RetentionOptions {
  Duration posts{0};    // the log and the index; at least the duplicates' horizon
  Duration history{0};  // counts, by the hour of the posts
  Duration events{0};   // trend events and boards
};

struct StoreOptions {
  std::filesystem::path dir;                 // created when missing
  FsyncPolicy fsync = FsyncPolicy::kAlways;  // a 2xx means durable
  Duration fsync_interval{200};              // what a power cut may take under kInterval
  std::optional<HashSalt> salt;              // used when the store is created; an existing store keeps its own
  std::optional<std::string> epoch;          // the same; drawn at random when absent, for no two stores may share one

  std::uint64_t write_buffer_bytes = 64ULL << 20;  // a memtable: bigger ones make start slower, not commits faster
  std::uint64_t block_cache_bytes = 256ULL << 20;  // pages of all families; memtables are charged to it
  std::uint64_t reader_cache_bytes = 64ULL << 20;  // decompressed log blocks kept for readers

  // How long a sync of the log took, in seconds; from the thread that synced, within the call. Not asked when empty.
  std::function<void(double)> on_sync;
  std::function<void(std::string_view)> log_line;  // RocksDB's warnings, from any thread; dropped when empty

  // A post is a duplicate of an earlier one when that lies within both bounds. They are kept in whole filter
  // generations, so that the real horizon is up to twice as long.
  Duration duplicate_horizon = std::chrono::days{7};    // by the clock of the blocks
  std::uint64_t duplicate_horizon_posts = 100'000'000;  // three and a half bytes of memory a post
  std::uint32_t stretch_posts = 900'000;                // posts of one index file; fills 7/8 of 2^20 slots in memory
  std::uint32_t history_rows_pending_max =
      2'000'000;  // rows of history in memory before they are written, 24 bytes each

  RetentionOptions retention;  // see Store::DropExpired

  // Errors: bad_store_options, with the option as field.
  std::expected<void, Error> Validate() const;
};

}  // namespace tagswell
