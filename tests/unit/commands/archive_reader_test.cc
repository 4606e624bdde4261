#include "server/commands/archive_reader.h"

#include <gtest/gtest.h>
#include <unistd.h>
#include <zlib.h>
#include <zstd.h>

#include <algorithm>
#include <fstream>
#include <random>
#include <string>
#include <vector>

#include "server/commands/temporary_directory.h"

namespace tagswell {
namespace {

std::string Gzip(const std::string& bytes) {
  z_stream stream = {};
  deflateInit2(&stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY);
  std::string out(deflateBound(&stream, bytes.size()), '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
  stream.avail_in = static_cast<uInt>(bytes.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  EXPECT_EQ(deflate(&stream, Z_FINISH), Z_STREAM_END);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

std::string Zstd(const std::string& bytes) {
  std::string out(ZSTD_compressBound(bytes.size()), '\0');
  out.resize(ZSTD_compress(out.data(), out.size(), bytes.data(), bytes.size(), 3));
  return out;
}

std::string Lines(int count) {
  std::string lines;
  for (int i = 1; i <= count; ++i) lines += "line " + std::to_string(i) + "\n";
  return lines;
}

class ArchiveReaderTest : public ::testing::Test {
 protected:
  std::string Write(const std::string& bytes) {
    const std::string path = dir_.path() / "archive";
    std::ofstream(path, std::ios::binary) << bytes;
    return path;
  }

  // All of the archive, chunk by chunk; checks what every chunk promises. The code of the error that ended it, if any.
  std::string ReadAll(const std::string& bytes, std::size_t lines_max, ArchiveReaderOptions options = {}) {
    text_.clear();
    chunks_ = 0;
    auto reader = ArchiveReader::Open(Write(bytes), options);
    EXPECT_TRUE(reader);
    std::uint64_t line = 1;
    while (true) {
      const auto chunk = reader->Next(lines_max);
      if (!chunk) return chunk.error().code;
      if (chunk->lines.empty()) break;
      EXPECT_EQ(chunk->first_line, line);
      const auto newlines = std::ranges::count(chunk->lines, '\n');
      EXPECT_LE(static_cast<std::size_t>(newlines), lines_max);
      line += static_cast<std::uint64_t>(newlines);
      int padding = 0;  // readable, whatever it holds
      for (std::size_t i = 0; i < ArchiveReader::kPadding; ++i)
        padding += chunk->lines.data()[chunk->lines.size() + i] != 0;
      EXPECT_GE(padding, 0);
      text_ += chunk->lines;
      ++chunks_;
    }
    EXPECT_EQ(reader->progress(), 1.0);
    return "";
  }

  TemporaryDirectory dir_ = *TemporaryDirectory::Create();
  std::string text_;
  int chunks_ = 0;
};

TEST_F(ArchiveReaderTest, GivesPlainGzipAndZstdAsTheSameLines) {
  const std::string lines = Lines(1'000);
  for (const std::string& bytes : {lines, Gzip(lines), Zstd(lines)}) {
    EXPECT_EQ(ReadAll(bytes, 100), "");
    EXPECT_EQ(text_, lines);
    EXPECT_EQ(chunks_, 10);
  }
}

TEST_F(ArchiveReaderTest, ReadsMembersAndFramesThatFollowOneAnother) {
  const std::string a = Lines(3);
  EXPECT_EQ(ReadAll(Gzip(a) + Gzip("") + Gzip(a), 100), "");
  EXPECT_EQ(text_, a + a);
  EXPECT_EQ(ReadAll(Zstd(a) + Zstd("") + Zstd(a), 100), "");
  EXPECT_EQ(text_, a + a);
}

TEST_F(ArchiveReaderTest, TakesALastLineWithoutItsNewline) {
  EXPECT_EQ(ReadAll("one\ntwo", 100), "");
  EXPECT_EQ(text_, "one\ntwo");
  EXPECT_EQ(ReadAll("", 100), "");
  EXPECT_EQ(chunks_, 0);
}

TEST_F(ArchiveReaderTest, GivesTheWholeLinesOfACutArchiveBeforeItSaysSo) {
  const std::string lines = Lines(50'000);
  for (std::string bytes : {Gzip(lines), Zstd(lines)}) {
    bytes.resize(bytes.size() / 2);
    EXPECT_EQ(ReadAll(bytes, 100), "truncated_archive");
    EXPECT_GT(text_.size(), 0u);
    EXPECT_TRUE(lines.starts_with(text_));
    EXPECT_TRUE(text_.ends_with('\n'));
  }
}

TEST_F(ArchiveReaderTest, CutsRecordsOfProtobufWhatEverStandsInThem) {
  const std::string record = "\x0a\x09\x0a\x02\n\n\x2a\x03\n#x";
  std::string records;
  for (int i = 0; i < 30'000; ++i) records += record;
  for (const auto pieces : {std::optional<Pieces>(), std::optional(Pieces::kRecords)}) {
    for (const std::string& bytes : {records, Gzip(records)}) {
      auto reader = ArchiveReader::Open(Write(bytes), {.pieces = pieces});
      std::string read;
      std::uint64_t next = 1;
      for (auto chunk = reader->Next(7); chunk && !chunk->lines.empty(); chunk = reader->Next(7)) {
        EXPECT_EQ(chunk->lines.size() % record.size(), 0u);
        EXPECT_EQ(chunk->first_line, next);
        next += chunk->lines.size() / record.size();
        read += chunk->lines;
      }
      EXPECT_EQ(reader->pieces(), Pieces::kRecords);
      EXPECT_EQ(read, records);
    }
  }
  for (const auto& [end, code] :
       {std::pair(record.substr(0, 5), "truncated_archive"), std::pair(std::string("\x07"), "malformed_archive")}) {
    auto reader = ArchiveReader::Open(Write(record + end), {});
    EXPECT_EQ(reader->Next(7)->lines, record);
    EXPECT_EQ(reader->Next(7).error().code, code);
  }
}

TEST_F(ArchiveReaderTest, RefusesDamagedArchives) {
  std::string bytes = Gzip(Lines(50'000));
  for (std::size_t i = 20; i < 60; ++i) bytes[i] = static_cast<char>(~bytes[i]);
  EXPECT_EQ(ReadAll(bytes, 100), "malformed_archive");
  EXPECT_EQ(ReadAll(Gzip("x\n") + "junk", 100), "malformed_archive");
}

TEST_F(ArchiveReaderTest, RefusesALineThatIsTooLong) {
  EXPECT_EQ(ReadAll("a\n" + std::string(600'000, 'x'), 100, {.line_bytes_max = 300'000}), "line_too_long");
  EXPECT_EQ(text_, "a\n");
}

TEST_F(ArchiveReaderTest, EndsChunksByTheirBytesToo) {
  EXPECT_EQ(ReadAll(Lines(1'000), 1'000'000, {.chunk_bytes_max = 100}), "");
  EXPECT_EQ(text_, Lines(1'000));
  EXPECT_GT(chunks_, 50);
}

TEST_F(ArchiveReaderTest, GivesEveryByteOnceHoweverLongTheLinesAre) {
  const unsigned seed = std::random_device()();
  SCOPED_TRACE(seed);
  std::mt19937 random(seed);
  for (int round = 0; round < 20; ++round) {
    std::string bytes;
    const int lines = static_cast<int>(random() % 200);
    for (int i = 0; i < lines; ++i) {
      bytes += std::string(random() % (random() % 10 == 0 ? 200'000 : 300), static_cast<char>('a' + i % 26)) + "\n";
    }
    EXPECT_EQ(ReadAll(round % 2 == 0 ? Zstd(bytes) : bytes, 1 + random() % 50), "");
    EXPECT_EQ(text_, bytes);
  }
}

TEST(ArchiveReader, SaysWhichFileCannotBeOpened) {
  const auto reader = ArchiveReader::Open("/nowhere/x.ndjson");
  ASSERT_FALSE(reader);
  EXPECT_EQ(reader.error().code, "unreadable_archive");
  EXPECT_NE(reader.error().detail.find("/nowhere/x.ndjson"), std::string::npos);
  EXPECT_EQ(ArchiveReader::Open("/").error().code, "unreadable_archive");
}

}  // namespace
}  // namespace tagswell
