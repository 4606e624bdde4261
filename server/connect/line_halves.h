// A body of lines as two, for a receiver that takes no body of its size.
#pragma once

#include <optional>
#include <string_view>

namespace tagswell {

struct LineHalves {
  std::string_view front;
  std::string_view back;
};

// The front ends with the line in the middle. Nothing: it is one line. Each of `lines` ends with '\n', the last one
// perhaps without.
std::optional<LineHalves> HalvesOf(std::string_view lines);

}  // namespace tagswell
