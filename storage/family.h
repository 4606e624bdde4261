// The column families of a store, by what they hold.
#pragma once

#include <cstddef>

namespace tagswell {

enum class Family : unsigned char { kLog, kIds, kTopics, kHistory, kSpellings, kEvents, kCheckpoints, kMeta, kBoards };
inline constexpr std::size_t kFamilies = 9;

}  // namespace tagswell
