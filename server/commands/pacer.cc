#include "server/commands/pacer.h"

namespace tagswell {
namespace {

// Posts this close together go out together.
constexpr std::chrono::milliseconds kGrain{50};

}  // namespace

Pacer::Due Pacer::Next(Pieces pieces, std::string_view lines, std::chrono::milliseconds elapsed,
                       const TimeOf& time_of) {
  std::size_t at = 0;
  while (at < lines.size()) {
    const std::size_t size = FirstPiece(pieces, lines.substr(at)).value_or(0);
    const std::size_t end = size == 0 ? lines.size() : at + size;
    if (const auto created = time_of(lines.substr(at, end - at))) {
      if (!first_) first_ = *created;
      const std::chrono::duration<double, std::milli> after(static_cast<double>((*created - *first_).count()) / speed_);
      if (after > elapsed + kGrain) return {at, std::chrono::ceil<std::chrono::milliseconds>(after - elapsed)};
    }
    at = end;
  }
  return {lines.size(), {}};
}

}  // namespace tagswell
