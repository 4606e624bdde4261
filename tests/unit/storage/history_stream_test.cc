// The reference stream through parser, log and history: every row of the oracle's windows must come out.
#include <gtest/gtest.h>
#include <zstd.h>

#include <charconv>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>

#include "proto/post_parser.h"
#include "tests/unit/storage/sample_posts.h"
#include "tests/unit/storage/scratch_dir.h"

namespace tagswell {
namespace {

std::filesystem::path Shared() {
  const char* chosen = std::getenv("TAGSWELL_SHARED");
  return chosen != nullptr ? chosen : TAGSWELL_SHARED_DIR;
}

std::string ReadFile(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

std::string Unzip(const std::string& packed) {
  std::string plain;
  const std::unique_ptr<ZSTD_DStream, std::size_t (*)(ZSTD_DStream*)> stream(ZSTD_createDStream(), ZSTD_freeDStream);
  ZSTD_inBuffer in{.src = packed.data(), .size = packed.size(), .pos = 0};
  std::string chunk(1 << 20, '\0');
  while (in.pos < in.size) {
    ZSTD_outBuffer out{.dst = chunk.data(), .size = chunk.size(), .pos = 0};
    if (ZSTD_isError(ZSTD_decompressStream(stream.get(), &out, &in)) != 0) return {};
    plain.append(chunk.data(), out.pos);
  }
  return plain;
}

// Feeds the stream in blocks of a thousand lines.
void Feed(Store& store, const std::string& stream) {
  auto resolver = TopicResolver::Create({});
  ASSERT_TRUE(resolver.has_value());
  PostParser parser(*resolver, store.salt());
  std::size_t begin = 0;
  while (begin < stream.size()) {
    std::size_t end = begin;
    for (int line = 0; line < 1000 && end != std::string::npos; ++line) {
      end = stream.find('\n', end);
      if (end != std::string::npos) ++end;
    }
    end = std::min(end, stream.size());
    std::string body = stream.substr(begin, end - begin);
    const std::size_t size = body.size();
    body.resize(size + 64);
    const auto parsed = parser.Parse(BodyShape::kNdjson, std::string_view(body).substr(0, size), kTimestampMax);
    ASSERT_TRUE(parsed.has_value());
    ASSERT_EQ(parsed->rejected, 0U);
    const PostBatch* const batches[] = {&parsed->batch};
    const auto appended = store.log().Append(batches, parsed->batch.newest);
    ASSERT_TRUE(appended && appended->block);
    ASSERT_TRUE(store.IndexBlock(*appended->block).has_value());
    begin = end;
  }
}

void ExpectWindows(const History& history, const std::filesystem::path& oracle, int hours) {
  std::ifstream file(oracle / ("window_" + std::to_string(hours) + "h.csv"));
  std::string line;
  std::getline(file, line);
  ASSERT_EQ(line, "end,rank,hashtag,posts,authors");
  std::string end;
  std::vector<TopRow> top;
  std::size_t next = 0;
  std::size_t rows = 0;
  std::size_t wrong = 0;
  while (std::getline(file, line)) {
    std::istringstream fields(line);
    std::string at, rank, tag, posts, authors;
    std::getline(fields, at, ',');
    std::getline(fields, rank, ',');
    std::getline(fields, tag, ',');
    std::getline(fields, posts, ',');
    std::getline(fields, authors, ',');
    if (at != end) {
      EXPECT_EQ(next, top.size()) << end;
      end = at;
      const Minute to = MinuteOf(*ParseTimestamp(at));
      auto answer = history.Top("world", to - hours * 60, to, TopBy::kPosts, 20);
      ASSERT_TRUE(answer.has_value());
      top = std::move(*answer);
      next = 0;
    }
    ++rows;
    const bool same = next < top.size() && top[next].topic == tag && std::to_string(top[next].posts) == posts &&
                      std::to_string(top[next].authors) == authors && top[next].authors_exact;
    ++next;
    if (!same && ++wrong <= 5) ADD_FAILURE() << hours << "h: " << line;
  }
  EXPECT_GT(rows, 80'000U);
  EXPECT_EQ(wrong, 0U);
}

TEST(HistoryStream, GivesEveryRowOfTheOraclesWindows) {
  const std::filesystem::path folder = Shared() / "data" / "stream";
  if (!std::filesystem::exists(folder / "dev.ndjson.zst")) GTEST_SKIP() << "no reference stream in " << folder;
  const ScratchDir scratch;
  StoreOptions options = SmallStore(scratch / "store");
  options.stretch_posts = 200'000;
  options.history_rows_pending_max = 100'000;  // some flushes, and some left pending
  options.block_cache_bytes = 64 << 20;
  const auto store = OpenStore(options);
  ASSERT_NO_FATAL_FAILURE(Feed(*store, Unzip(ReadFile(folder / "dev.ndjson.zst"))));
  EXPECT_EQ(store->log().PostCount(), 512'388U);
  for (const int hours : {1, 3, 6, 24}) ExpectWindows(store->history(), folder / "oracle", hours);
}

}  // namespace
}  // namespace tagswell
