#include "server/connect/cursor_file.h"

#include <gtest/gtest.h>

#include <fstream>

#include "server/commands/temporary_directory.h"

namespace tagswell {
namespace {

class CursorFileTest : public testing::Test {
 protected:
  std::expected<CursorFile, Error> Open(const std::string& stream = "jetstream") {
    return CursorFile::Open(path_, stream);
  }
  void Write(std::string_view text) { std::ofstream(path_) << text; }

  const TemporaryDirectory folder_ = *TemporaryDirectory::Create();
  const std::string path_ = (folder_.path() / "cursor").string();
};

TEST_F(CursorFileTest, HasNoPositionBeforeTheFirstAndTheLastOneAfterwards) {
  auto file = Open();
  ASSERT_TRUE(file);
  EXPECT_FALSE(file->position());
  const Timestamp time = *ParseTimestamp("2026-07-04T14:38:08.085Z");
  ASSERT_TRUE(file->Save({.cursor = "1", .time = time}));
  ASSERT_TRUE(file->Save({.cursor = "1783175888085434", .time = time}));
  const auto again = Open();
  ASSERT_TRUE(again && again->position());
  EXPECT_EQ(again->position()->cursor, "1783175888085434");
  EXPECT_EQ(again->position()->time, time);
}

TEST_F(CursorFileTest, RefusesTheCursorOfAnotherStream) {
  ASSERT_TRUE(Open("mastodon a.example")->Save({.cursor = "1", .time = {}}));
  EXPECT_EQ(Open("mastodon b.example").error().code, "other_stream");
}

TEST_F(CursorFileTest, RefusesWhatIsNoCursor) {
  for (const std::string_view text :
       {"", "1783175888085434", "{}", "{\"stream\":\"jetstream\",\"cursor\":1,\"time\":2}",
        "{\"stream\":\"jetstream\",\"cursor\":\"1\",\"time\":\"yesterday\"}"}) {
    Write(text);
    const auto opened = Open();
    ASSERT_FALSE(opened) << text;
    EXPECT_EQ(opened.error().code, "unreadable_cursor");
  }
}

TEST_F(CursorFileTest, SaysWhenItCannotBeWritten) {
  auto file = CursorFile::Open((folder_.path() / "nowhere" / "cursor").string(), "jetstream");
  ASSERT_TRUE(file);
  EXPECT_EQ(file->Save({.cursor = "1", .time = {}}).error().code, "unwritable_cursor");
  EXPECT_FALSE(file->position());
}

}  // namespace
}  // namespace tagswell
