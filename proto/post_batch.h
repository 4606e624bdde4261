// What one request hands to the writer: encoded records back to back, each post's identity, and what the request says
// about posts that came before.
#pragma once

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "proto/author_ref.h"
#include "proto/post_key.h"
#include "proto/time.h"

namespace tagswell {

// A platform's word about a post that is there or is not.
struct BatchChange {
  enum class Kind : std::uint8_t {
    kDelete,     // the post `key` goes; when it is not there, the message was for nothing
    kSupersede,  // the post `key` goes, if it is there: the post at `at` is its new version
    kReplace,    // the post at `at` stands in for a stored one of the same `key`
    kYield,      // the post at `at` is an old version: a duplicate, if its newer one, `key`, is there
  };
  Kind kind = Kind::kDelete;
  std::uint32_t at = 0;  // before the post at this place of the batch, or behind the last
  PostKey key;
};

struct PostBatch {
  // One entry a record each, in order.
  std::string records;              // EncodeRecord output, concatenated
  std::vector<std::uint32_t> ends;  // end offset in `records` of each record
  std::vector<PostKey> keys;
  Timestamp newest = kTimestampMin;  // greatest created_at
  std::uint64_t mentions = 0;        // of all posts

  std::vector<BatchChange> changes = {};  // ascending by place; none in a batch of tagswell's own posts

  // Authors who left: what they wrote before this batch ends is to go. Sorted out later, see AuthorRemovals.
  std::vector<AuthorRef> gone_authors = {};

  std::size_t size() const { return keys.size(); }
  bool empty() const { return keys.empty() && changes.empty() && gone_authors.empty(); }
  bool revises() const { return !changes.empty() || !gone_authors.empty(); }
  std::size_t steps() const { return keys.size() + changes.size() + gone_authors.size(); }
  std::size_t Deletions() const {
    return static_cast<std::size_t>(std::ranges::count(changes, BatchChange::Kind::kDelete, &BatchChange::kind));
  }
  std::string_view RecordAt(std::size_t i) const {
    const std::uint32_t begin = i == 0 ? 0 : ends[i - 1];
    return std::string_view(records).substr(begin, ends[i] - begin);
  }
};

}  // namespace tagswell
