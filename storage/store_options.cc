#include "storage/store_options.h"

#include <random>
#include <string>

namespace tagswell {
namespace {

std::unexpected<Error> Bad(const char* field, const std::string& why) {
  return std::unexpected(Error{.code = "bad_store_options", .detail = std::string(field) + " " + why, .field = field});
}

}  // namespace

HashSalt DrawSalt() {
  std::random_device device;
  return HashSalt{static_cast<std::uint64_t>(device()) << 32 | device()};
}

std::expected<void, Error> StoreOptions::Validate() const {
  constexpr std::uint64_t kMiB = 1ULL << 20;
  if (dir.empty()) return Bad("dir", "must be named");
  if (fsync_interval <= Duration{0}) return Bad("fsync_interval", "must be positive");
  if (write_buffer_bytes < kMiB || write_buffer_bytes > 1024 * kMiB) {
    return Bad("write_buffer_bytes", "must be 1 MiB to 1 GiB");
  }
  if (block_cache_bytes < 8 * kMiB) return Bad("block_cache_bytes", "must be at least 8 MiB");
  if (duplicate_horizon <= Duration{0}) return Bad("duplicate_horizon", "must be positive");
  // A mask of 64 generations of up to 64 million posts, the first of which are small.
  if (duplicate_horizon_posts == 0 || duplicate_horizon_posts > 2'000'000'000) {
    return Bad("duplicate_horizon_posts", "must be 1 to 2,000,000,000");
  }
  if (retention.posts != Duration{0} && retention.posts < duplicate_horizon) {
    return Bad("retention.posts", "must be 0 or at least duplicate_horizon");
  }
  if (retention.history < Duration{0}) return Bad("retention.history", "must not be negative");
  if (retention.events < Duration{0}) return Bad("retention.events", "must not be negative");
  if (stretch_posts == 0 || stretch_posts > 8'000'000) return Bad("stretch_posts", "must be 1 to 8,000,000");
  if (history_rows_pending_max == 0) return Bad("history_rows_pending_max", "must be positive");
  return {};
}

}  // namespace tagswell
