// The dictionary of (language, country, source): a row of the history holds its number. Numbers are never used again.
// Not thread-safe.
#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <string_view>
#include <vector>

#include "proto/error.h"
#include "proto/post.h"
#include "storage/text_map.h"

namespace tagswell {

class Combos {
 public:
  // Number 0 stands for every combo beyond the bound of 2^18: it counts for the world scope only.
  static constexpr std::uint32_t kOther = 0;

  std::uint32_t NumberOf(const Post& post);

  // For which numbers a scope's rows count, by number. Error: bad_scope.
  std::expected<std::vector<bool>, Error> InScope(std::string_view scope) const;

  // Takes over the next stored combo; they come in order of their numbers, from 1 on.
  void Restore(std::string_view stored);
  const std::string& stored(std::uint32_t number) const { return combos_[number]; }
  std::uint32_t size() const { return static_cast<std::uint32_t>(combos_.size()); }  // numbers in use, kOther included

 private:
  std::vector<std::string> combos_{std::string("\0\0", 2)};  // "lang\0country\0source", by number
  TextMap<std::uint32_t> numbers_;
  std::string key_;
};

}  // namespace tagswell
