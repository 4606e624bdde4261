#include "storage/log_start.h"

#include "storage/database.h"
#include "storage/meta_keys.h"

namespace tagswell {
namespace {

constexpr std::size_t kBytes = 20;

}  // namespace

std::string LogStart::Encode() const {
  std::string bytes;
  AppendLittle(static_cast<std::uint64_t>(block), bytes);
  AppendLittle(stretch, bytes);
  AppendLittle(static_cast<std::int64_t>(newest_dropped.time_since_epoch().count()), bytes);
  return bytes;
}

std::expected<LogStart, Error> LogStart::Load(const Database& database) {
  const auto row = database.Get(Family::kMeta, kLogStartKey);
  if (!row) return std::unexpected(row.error());
  if (!*row) return LogStart();
  const std::string_view bytes = **row;
  if (bytes.size() != kBytes) {
    return std::unexpected(Error{.code = "storage_failed", .detail = "where the log begins is damaged"});
  }
  return LogStart{.block = BlockSeq{LoadLittle<std::uint64_t>(bytes)},
                  .stretch = LoadLittle<std::uint32_t>(bytes.substr(8)),
                  .newest_dropped = Timestamp{Duration{LoadLittle<std::int64_t>(bytes.substr(12))}}};
}

}  // namespace tagswell
