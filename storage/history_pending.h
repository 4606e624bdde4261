// What the history has folded and not yet written: rows by hour and topic, and spellings. Not thread-safe.
#pragma once

#include <absl/container/flat_hash_map.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "proto/post.h"
#include "storage/history_cell.h"
#include "storage/log_block.h"
#include "storage/spellings.h"
#include "storage/text_map.h"

namespace tagswell {

class HistoryPending {
 public:
  using Rows = std::vector<CellRow>;
  using Hour = absl::flat_hash_map<std::uint32_t, Rows>;  // by topic number

  // One mention: `posts` is 1, or -1 for a retraction.
  void Add(const Mention& mention, Minute minute, std::uint32_t combo, std::uint64_t author_code, std::int64_t posts);

  std::size_t rows() const { return rows_; }
  const Rows* Find(std::uint32_t hour, std::string_view topic) const;  // null when there are none
  const Spellings* FindSpellings(std::string_view topic) const;        // null when there are none

  const absl::flat_hash_map<std::uint32_t, Hour>& hours() const { return hours_; }
  const std::string& TopicAt(std::uint32_t number) const { return *topics_[number].topic; }
  const Spellings& SpellingsAt(std::uint32_t number) const { return topics_[number].spellings; }
  std::size_t topics() const { return topics_.size(); }

 private:
  struct Topic {
    const std::string* topic;  // the key in numbers_, which never moves
    Spellings spellings;
  };

  StableTextMap<std::uint32_t> numbers_;
  std::vector<Topic> topics_;  // by number
  absl::flat_hash_map<std::uint32_t, Hour> hours_;
  std::size_t rows_ = 0;
};

}  // namespace tagswell
