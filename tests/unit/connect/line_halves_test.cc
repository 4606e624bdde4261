#include "server/connect/line_halves.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace tagswell {
namespace {

void Take(std::string_view lines, std::vector<std::string>& taken) {
  const auto halves = HalvesOf(lines);
  if (!halves) return taken.emplace_back(lines), void();
  EXPECT_LT(halves->front.size(), lines.size());
  EXPECT_LT(halves->back.size(), lines.size());
  Take(halves->front, taken);
  Take(halves->back, taken);
}

TEST(LineHalves, LeadToEveryLineInItsOrder) {
  for (const std::string& lines : {std::string("a\nbb\nccc\ndddd\n"), std::string("\n\n\n"),
                                   std::string("a\n"
                                               "bbbbbbbbbbbbbbbb\n"),
                                   std::string("aaaaaaaaaaaaaaaaa\nb"), std::string("one"), std::string("one\n")}) {
    std::vector<std::string> taken;
    Take(lines, taken);
    std::string together;
    for (const std::string& line : taken) {
      EXPECT_EQ(line.find('\n') == line.npos || line.find('\n') + 1 == line.size(), true) << line;
      together += line;
    }
    EXPECT_EQ(together, lines);
  }
}

}  // namespace
}  // namespace tagswell
