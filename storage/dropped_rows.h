// What was dropped of the families whose rows are sorted by something else than time, so that no range holds it:
// readers pass it over at once, and compactions leave it out. Internal to storage/.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>

namespace rocksdb {
class CompactionFilterFactory;
}

namespace tagswell {

struct DroppedRows {
  std::atomic<std::uint32_t> stretch{0};  // positions of topics in stretches before it
  std::atomic<std::uint32_t> minute{0};   // boards of minutes before it
};

std::shared_ptr<rocksdb::CompactionFilterFactory> DropsTopics(std::shared_ptr<const DroppedRows> dropped);
std::shared_ptr<rocksdb::CompactionFilterFactory> DropsBoards(std::shared_ptr<const DroppedRows> dropped);

}  // namespace tagswell
