// How people wrote one topic, and how often: the value of the spellings family. Adds up like a history cell; only the
// most used kSpellingsMax are kept, so that a flood of odd spellings costs nothing.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tagswell {

class Spellings {
 public:
  static constexpr std::size_t kSpellingsMax = 8;

  void Add(std::string_view spelling, std::int64_t count);  // negative: retracted
  void Add(const Spellings& other);
  bool AddStored(std::string_view bytes);  // a stored value; false when it is none

  // Brings into the cache what Add reads first.
  void Prefetch() const { __builtin_prefetch(counts_.data()); }

  // The spelling used most; of equals the first by its bytes. Empty when there is none.
  std::string_view Best() const;

  void Encode(std::string& out) const;

 private:
  // Beyond it a new spelling is not taken in until the next flush starts afresh.
  static constexpr std::size_t kHeldMax = 64;

  std::vector<std::pair<std::string, std::int64_t>> counts_;
};

}  // namespace tagswell
