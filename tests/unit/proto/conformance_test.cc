// The extractor against twitter-text's own cases and against a stream whose tags somebody else has counted.
#include <gtest/gtest.h>
#include <openssl/evp.h>
#include <simdjson.h>
#include <zstd.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <string>
#include <vector>

#include "proto/post_codec.h"
#include "proto/post_parser.h"
#include "proto/tag_extractor.h"
#include "tests/unit/proto/shared_data.h"
#include "tests/unit/proto/tag_reference.h"

namespace tagswell {
namespace {

TEST(Conformance, FindsTheHashtagsOfTwitterText) {
  const auto path = SharedData("conformance/extract.json");
  if (!std::filesystem::exists(path)) GTEST_SKIP() << path << " is absent";
  simdjson::dom::parser parser;
  const simdjson::dom::element tests = parser.load(path.string())["tests"];
  int cases = 0;
  for (const char* section : {"hashtags", "hashtags_from_astral", "hashtags_with_indices"}) {
    for (const simdjson::dom::element test : tests[section].get_array()) {
      ++cases;
      const std::string text(test["text"].get_string().value());
      std::vector<std::string> expected;
      for (const simdjson::dom::element tag : test["expected"].get_array()) {
        if (tag.is_string()) {
          expected.emplace_back(tag.get_string().value());
        } else {
          expected.push_back(std::string(tag["hashtag"].get_string().value()) + " " +
                             std::to_string(tag["indices"].at(0).get_uint64().value()) + " " +
                             std::to_string(tag["indices"].at(1).get_uint64().value()));
        }
      }
      std::vector<std::string> found;
      TagExtractor extractor(text);
      while (const auto tag = extractor.Next()) {
        std::string entry = text.substr(tag->body, tag->end - tag->body);
        if (std::string_view(section) == "hashtags_with_indices") {
          entry += " " + std::to_string(ToCodePoints(text.substr(0, tag->begin)).size()) + " " +
                   std::to_string(ToCodePoints(text.substr(0, tag->end)).size());
        }
        found.push_back(entry);
      }
      EXPECT_EQ(found, expected) << test["description"].get_string().value() << ": " << text;
    }
  }
  EXPECT_EQ(cases, 76);
}

// The whole stream through the parser, as a server would get it. `each` sees every good post.
template <typename Each>
std::uint64_t ParseStream(const std::string& ndjson, Each each) {
  const TopicResolver resolver = TopicResolver::Create({}).value();
  PostParser parser(resolver, HashSalt{1}, {.posts_max = 1'000'000});
  const auto body =
      parser.Parse(BodyShape::kNdjson, std::string_view(ndjson).substr(0, ndjson.size() - simdjson::SIMDJSON_PADDING),
                   kTimestampMax);
  if (!body) return 0;
  Record record;
  for (std::size_t i = 0; i < body->batch.size(); ++i) {
    if (!DecodeRecord(body->batch.RecordAt(i), record)) return 0;
    each(record.post);
  }
  return body->rejected == 0 ? body->batch.size() : 0;
}

std::string Decompressed(const std::filesystem::path& path) {
  const std::string packed = ReadFile(path);
  std::string text;
  ZSTD_DStream* const stream = ZSTD_createDStream();
  ZSTD_inBuffer in{packed.data(), packed.size(), 0};
  std::vector<char> room(ZSTD_DStreamOutSize());
  while (in.pos < in.size) {
    ZSTD_outBuffer out{room.data(), room.size(), 0};
    if (ZSTD_isError(ZSTD_decompressStream(stream, &out, &in)) != 0) break;
    text.append(room.data(), out.pos);
  }
  ZSTD_freeDStream(stream);
  return text;
}

// The SHA-256 that the oracle gives is over "id<TAB>tag tag ...\n" of every post with a tag, tags in byte order.
TEST(Conformance, FindsTheTagsOfEveryPostOfTheStream) {
  const auto path = SharedData("stream/dev.ndjson.zst");
  const auto summary_path = SharedData("stream/oracle/summary.json");
  if (!std::filesystem::exists(path) || !std::filesystem::exists(summary_path)) GTEST_SKIP() << path << " is absent";
  simdjson::dom::parser parser;
  const simdjson::dom::element summary = parser.load(summary_path.string());
  std::string ndjson = Decompressed(path);
  ndjson.append(simdjson::SIMDJSON_PADDING, ' ');

  EVP_MD_CTX* const digest = EVP_MD_CTX_new();
  ASSERT_EQ(EVP_DigestInit_ex(digest, EVP_sha256(), nullptr), 1);
  std::uint64_t tagged = 0;
  std::uint64_t pairs = 0;
  const std::uint64_t posts = ParseStream(ndjson, [&](const Post& post) {
    if (post.mentions.empty()) return;
    std::vector<std::string_view> tags;
    for (const Mention& mention : post.mentions) tags.push_back(mention.topic);
    std::ranges::sort(tags);
    std::string row(post.id);
    char separator = '\t';
    for (const std::string_view tag : tags) {
      row += separator;
      row += tag;
      separator = ' ';
    }
    row += '\n';
    EVP_DigestUpdate(digest, row.data(), row.size());
    ++tagged;
    pairs += tags.size();
  });
  std::array<unsigned char, 32> sum{};
  EVP_DigestFinal_ex(digest, sum.data(), nullptr);
  EVP_MD_CTX_free(digest);
  std::string hexadecimal;
  for (const unsigned char byte : sum) {
    for (const int half : {byte >> 4, byte & 15}) hexadecimal += "0123456789abcdef"[half];
  }
  EXPECT_EQ(posts, summary["posts"].get_uint64().value());
  EXPECT_EQ(tagged, summary["posts_with_hashtag"].get_uint64().value());
  EXPECT_EQ(pairs, summary["post_hashtag_pairs"].get_uint64().value());
  EXPECT_EQ(hexadecimal, summary["tags_tsv_sha256"].get_string().value());
}

}  // namespace
}  // namespace tagswell
