// What one request hands to the writer: encoded records back to back, and each post's identity.
// All vectors have one entry a record, in order.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "proto/post_key.h"
#include "proto/time.h"

namespace tagswell {

struct PostBatch {
  std::string records;              // EncodeRecord output, concatenated
  std::vector<std::uint32_t> ends;  // end offset in `records` of each record
  std::vector<PostKey> keys;
  Timestamp newest = kTimestampMin;  // greatest created_at

  std::size_t size() const { return keys.size(); }
  bool empty() const { return keys.empty(); }
  std::string_view RecordAt(std::size_t i) const {
    const std::uint32_t begin = i == 0 ? 0 : ends[i - 1];
    return std::string_view(records).substr(begin, ends[i] - begin);
  }
};

}  // namespace tagswell
