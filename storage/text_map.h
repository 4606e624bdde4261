// Hash tables keyed by text that strangers choose: the hash is keyed with a number drawn when the process starts, so
// that nobody can prepare collisions. Looks up by string_view without a copy.
#pragma once

#include <absl/container/flat_hash_map.h>

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>

namespace tagswell {

struct TextHash {
  using is_transparent = void;
  std::size_t operator()(std::string_view text) const;
};

template <typename Value>
using TextMap = absl::flat_hash_map<std::string, Value, TextHash, std::equal_to<>>;

}  // namespace tagswell
