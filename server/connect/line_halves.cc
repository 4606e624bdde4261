#include "server/connect/line_halves.h"

namespace tagswell {

std::optional<LineHalves> HalvesOf(std::string_view lines) {
  std::size_t end = lines.rfind('\n', lines.size() / 2);
  if (end == lines.npos || end + 1 == lines.size()) end = lines.find('\n');
  if (end == lines.npos || end + 1 == lines.size()) return std::nullopt;
  return LineHalves{.front = lines.substr(0, end + 1), .back = lines.substr(end + 1)};
}

}  // namespace tagswell
