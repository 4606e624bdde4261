#include "server/commands/archive_pieces.h"

#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

namespace tagswell {
namespace {

std::string Varint(std::uint64_t value) {
  std::string bytes;
  for (; value > 0x7f; value >>= 7) bytes += static_cast<char>(value | 0x80);
  return bytes + static_cast<char>(value);
}

std::string Field(unsigned number, const std::string& data) {
  return Varint(number << 3 | 2) + Varint(data.size()) + data;
}

// A PostBatch of one post, with a time.
std::string Record(const std::string& text) {
  const std::string post =
      Field(1, "id") + Field(2, "demo") + Field(3, "ann") + "\x20\xd0\xce\x98\x9b\xe4\x57" + Field(5, text);
  return Field(1, post);
}

TEST(ArchivePieces, AreLinesWithTheirEnds) {
  EXPECT_EQ(FirstPiece(Pieces::kLines, "a\nb\n"), 2u);
  EXPECT_EQ(FirstPiece(Pieces::kLines, "abc"), 0u);
  EXPECT_EQ(FirstPiece(Pieces::kLines, "abc\n", 3), 4u);
  EXPECT_EQ(CountPieces(Pieces::kLines, "a\n\nb"), 3u);
  EXPECT_EQ(CountPieces(Pieces::kLines, ""), 0u);
  EXPECT_EQ(HalvesOf(Pieces::kLines, "a\nb\n")->front, "a\n");
}

TEST(ArchivePieces, AreRecordsHoweverLong) {
  for (const std::size_t size : std::vector<std::size_t>{0, 1, 127, 128, 20'000}) {
    const std::string record = Record(std::string(size, '\n'));
    EXPECT_EQ(FirstPiece(Pieces::kRecords, record + record), record.size());
    for (const std::size_t part : {std::size_t{1}, std::size_t{2}, record.size() / 2, record.size() - 1})
      EXPECT_EQ(FirstPiece(Pieces::kRecords, std::string_view(record).substr(0, part)), 0u) << part;
    EXPECT_EQ(CountPieces(Pieces::kRecords, record + record + record), 3u);
    EXPECT_EQ(HalvesOf(Pieces::kRecords, record), std::nullopt);
    EXPECT_EQ(HalvesOf(Pieces::kRecords, record + record + record)->back, record);
  }
  // Fields that a later schema may have.
  EXPECT_EQ(FirstPiece(Pieces::kRecords, std::string("\x10\x96\x01")), 3u);
  EXPECT_EQ(FirstPiece(Pieces::kRecords, std::string("\x19") + "12345678"), 9u);
  EXPECT_EQ(FirstPiece(Pieces::kRecords, std::string("\x1d") + "1234"), 5u);
}

TEST(ArchivePieces, RefuseWhatIsNoRecord) {
  for (const std::string& none : {std::string("{\"id\":1}"), std::string("\x03"), std::string("\x0c"),
                                  std::string("\0\1", 2), std::string(20, '\xff'), "\x0a" + std::string(11, '\xff')}) {
    const auto piece = FirstPiece(Pieces::kRecords, none);
    ASSERT_FALSE(piece) << none;
    EXPECT_EQ(piece.error().code, "malformed_archive");
  }
}

TEST(ArchivePieces, ShowInTheFirstBytesWhichTheyAre) {
  const std::string record = Record("#Rain");
  EXPECT_EQ(PiecesOf(record + "\xff", false), Pieces::kRecords);
  for (std::size_t part = 0; part < record.size(); ++part) {
    const std::string_view begin = std::string_view(record).substr(0, part);
    EXPECT_EQ(PiecesOf(begin, false), std::nullopt) << part;
    EXPECT_EQ(PiecesOf(begin, true), Pieces::kLines) << part;
  }
  // Keep-alives in front of posts.
  const std::string json = R"({"id":"1","source":"s","author":"a","text":")" + std::string(500, '\n') + "\"}\n";
  for (const std::string blank :
       {"", "\n", "\n\n", "\n\n\n\n\n\n\n\n\n\n\n\n\n", "\r\n\r\n", "\n\r\n", " \n", "\n \n", "\n\t\n"})
    EXPECT_EQ(PiecesOf(blank + json, false), Pieces::kLines) << blank.size();
  EXPECT_EQ(PiecesOf("\n", false), std::nullopt);
  EXPECT_EQ(PiecesOf("[{}]", false), Pieces::kLines);
}

TEST(ArchivePieces, HalveAnyNumberOfRecords) {
  std::mt19937 random(7);
  for (int count = 2; count < 40; ++count) {
    std::string all;
    for (int i = 0; i < count; ++i) all += Record(std::string(random() % 300, 'x'));
    const auto halves = HalvesOf(Pieces::kRecords, all);
    ASSERT_TRUE(halves);
    EXPECT_EQ(std::string(halves->front) + std::string(halves->back), all);
    EXPECT_FALSE(halves->front.empty() || halves->back.empty());
    EXPECT_EQ(CountPieces(Pieces::kRecords, halves->front) + CountPieces(Pieces::kRecords, halves->back),
              static_cast<std::uint64_t>(count));
  }
}

}  // namespace
}  // namespace tagswell
