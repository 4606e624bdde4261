#include "server/commands/text_table.h"

#include <gtest/gtest.h>

namespace tagswell {
namespace {

TEST(TextTable, AlignsByWhatATerminalShows) {
  TextTable table({{"Topic"}, {"Posts", true}});
  table.AddRow({"東京", "1,200"});
  table.AddRow({"e\u0301te\u0301", "7"});
  EXPECT_EQ(table.Text(),
            "Topic  Posts\n"
            "東京   1,200\n"
            "e\u0301te\u0301        7\n");
}

}  // namespace
}  // namespace tagswell
