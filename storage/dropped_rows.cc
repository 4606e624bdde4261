#include "storage/dropped_rows.h"

#include <rocksdb/compaction_filter.h>

#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "storage/board_log.h"
#include "storage/byte_order.h"
#include "storage/stretch_files.h"

namespace tagswell {
namespace {

using NumberOf = std::optional<std::uint32_t> (*)(std::string_view key);

// Removes the rows with a number below the bound.
class NumberFilter : public rocksdb::CompactionFilter {
 public:
  NumberFilter(NumberOf number_of, std::uint32_t bound) : number_of_(number_of), bound_(bound) {}

  bool Filter(int, const rocksdb::Slice& key, const rocksdb::Slice&, std::string*, bool*) const override {
    const auto number = number_of_({key.data(), key.size()});
    return number && *number < bound_;
  }
  const char* Name() const override { return "tagswell.NumberFilter"; }

 private:
  const NumberOf number_of_;
  const std::uint32_t bound_;
};

class NumberFilterFactory : public rocksdb::CompactionFilterFactory {
 public:
  NumberFilterFactory(NumberOf number_of, std::shared_ptr<const DroppedRows> dropped,
                      std::atomic<std::uint32_t> DroppedRows::* bound)
      : number_of_(number_of), dropped_(std::move(dropped)), bound_(bound) {}

  std::unique_ptr<rocksdb::CompactionFilter> CreateCompactionFilter(
      const rocksdb::CompactionFilter::Context&) override {
    return std::make_unique<NumberFilter>(number_of_, (*dropped_.*bound_).load());
  }
  const char* Name() const override { return "tagswell.NumberFilterFactory"; }

 private:
  const NumberOf number_of_;
  const std::shared_ptr<const DroppedRows> dropped_;
  std::atomic<std::uint32_t> DroppedRows::* const bound_;
};

}  // namespace

std::shared_ptr<rocksdb::CompactionFilterFactory> DropsTopics(std::shared_ptr<const DroppedRows> dropped) {
  return std::make_shared<NumberFilterFactory>(&StretchFiles::StretchOfTopicKey, std::move(dropped),
                                               &DroppedRows::stretch);
}

std::shared_ptr<rocksdb::CompactionFilterFactory> DropsBoards(std::shared_ptr<const DroppedRows> dropped) {
  return std::make_shared<NumberFilterFactory>(&BoardLog::MinuteOfKey, std::move(dropped), &DroppedRows::minute);
}

}  // namespace tagswell
