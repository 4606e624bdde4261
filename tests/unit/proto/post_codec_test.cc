#include "proto/post_codec.h"

#include <gtest/gtest.h>

#include <random>

namespace tagswell {
namespace {

Timestamp At(std::int64_t ms) {
  return Timestamp{Duration{ms}};
}

void ExpectSame(const Post& a, const Post& b) {
  EXPECT_EQ(a.id, b.id);
  EXPECT_EQ(a.source, b.source);
  EXPECT_EQ(a.author, b.author);
  EXPECT_EQ(a.created_at, b.created_at);
  EXPECT_EQ(a.text, b.text);
  EXPECT_EQ(a.kind, b.kind);
  EXPECT_EQ(a.lang, b.lang);
  EXPECT_EQ(a.country, b.country);
  EXPECT_EQ(a.in_reply_to, b.in_reply_to);
  EXPECT_EQ(a.repost_of, b.repost_of);
  EXPECT_EQ(a.author_followers, b.author_followers);
  EXPECT_EQ(a.author_created_at, b.author_created_at);
  EXPECT_EQ(a.author_is_bot, b.author_is_bot);
  ASSERT_EQ(a.mentions.size(), b.mentions.size());
  for (std::size_t i = 0; i < a.mentions.size(); ++i) {
    EXPECT_EQ(a.mentions[i].topic, b.mentions[i].topic);
    EXPECT_EQ(a.mentions[i].spelling, b.mentions[i].spelling);
    EXPECT_EQ(a.mentions[i].by_phrase, b.mentions[i].by_phrase);
  }
}

Post Sample() {
  static const std::string text = "Now #MeToo and #rain, me too";
  Post post{.id = "1", .source = "twitter", .author = "ann", .created_at = At(1508098905000), .text = text};
  post.lang = "en";
  post.country = "US";
  post.kind = PostKind::kReply;
  post.in_reply_to = "0";
  post.author_followers = 300;
  post.author_created_at = At(1'000'000'000'001);
  post.author_is_bot = true;
  const std::string_view view = text;
  post.mentions = {{"metoo", view.substr(5, 5), false},
                   {"rain", view.substr(16, 4), false},
                   {"metoo", view.substr(22, 6), true},
                   {"sent", "Sent", false},
                   {"same", "same", false}};
  return post;
}

TEST(PostCodec, GivesBackEveryField) {
  std::string bytes = "before";
  EncodeRecord(RecordKind::kPost, Sample(), bytes);
  const std::size_t size = bytes.size() - 6;
  bytes += "behind";
  Record record;
  ASSERT_EQ(DecodeRecord(std::string_view(bytes).substr(6), record).value(), size);
  EXPECT_EQ(record.kind, RecordKind::kPost);
  ExpectSame(record.post, Sample());
}

TEST(PostCodec, KeepsAllThatARetractionTakesAway) {
  std::string bytes;
  EncodeRecord(RecordKind::kRetraction, Sample(), bytes);
  Record record;
  ASSERT_EQ(DecodeRecord(bytes, record).value(), bytes.size());
  EXPECT_EQ(record.kind, RecordKind::kRetraction);
  ExpectSame(record.post, Sample());
}

TEST(PostCodec, WritesAHoleAsOneByte) {
  std::string bytes;
  EncodeRecord(RecordKind::kHole, {}, bytes);
  EXPECT_EQ(bytes, std::string(1, '\0'));
  Record record{.kind = RecordKind::kPost, .post = Sample()};
  EXPECT_EQ(DecodeRecord(bytes, record).value(), 1U);
  EXPECT_EQ(record.kind, RecordKind::kHole);
  ExpectSame(record.post, Post{});
}

TEST(PostCodec, GivesBackAnOperatorsWord) {
  for (const bool lifted : {false, true}) {
    for (const bool configured : {false, true}) {
      const BlockChange change{
          .topic = "météo", .lifted = lifted, .configured = configured, .at = At(1508098905123), .by = "ops"};
      std::string bytes;
      EncodeControl(change, bytes);
      const std::size_t size = bytes.size();
      bytes += "behind";
      Record record{.kind = RecordKind::kPost, .post = Sample()};
      ASSERT_EQ(DecodeRecord(bytes, record).value(), size);
      EXPECT_EQ(record.kind, RecordKind::kControl);
      EXPECT_EQ(record.change.topic, change.topic);
      EXPECT_EQ(record.change.lifted, lifted);
      EXPECT_EQ(record.change.configured, configured);
      EXPECT_EQ(record.change.at, change.at);
      EXPECT_EQ(record.change.by, "ops");
      ExpectSame(record.post, Post{});
      for (std::size_t cut = 0; cut < size; ++cut) {
        const std::string part = bytes.substr(0, cut);
        EXPECT_EQ(DecodeRecord(part, record).error().code, "corrupt_record") << cut;
      }
    }
  }
}

TEST(PostCodec, GivesBackWhatBelongsTogether) {
  for (const bool removed : {false, true}) {
    const AliasChange change{.topic = "metoo",
                             .tags = {"MeToo", "YoTambien"},
                             .phrases = {"me too"},
                             .removed = removed,
                             .at = At(1508098905123),
                             .by = "ops"};
    std::string bytes;
    EncodeControl(change, bytes);
    const std::size_t size = bytes.size();
    bytes += "behind";
    Record record;
    ASSERT_EQ(DecodeRecord(bytes, record).value(), size);
    ASSERT_TRUE(record.alias);
    EXPECT_EQ(record.alias->topic, change.topic);
    EXPECT_EQ(record.alias->tags, change.tags);
    EXPECT_EQ(record.alias->phrases, change.phrases);
    EXPECT_EQ(record.alias->removed, removed);
    EXPECT_EQ(record.alias->at, change.at);
    EXPECT_EQ(record.alias->by, "ops");
    for (std::size_t cut = 0; cut < size; ++cut) {
      EXPECT_EQ(DecodeRecord(bytes.substr(0, cut), record).error().code, "corrupt_record") << cut;
    }
  }
}

TEST(PostCodec, GivesBackWhatMayBeShown) {
  for (unsigned word = 0; word < kReviewWords; ++word) {
    ReviewChange change{.word = static_cast<ReviewWord>(word), .topic = "", .at = At(1508098905123), .by = "ops"};
    if (change.of_topic()) change.topic = "météo";
    std::string bytes;
    EncodeControl(change, bytes);
    const std::size_t size = bytes.size();
    bytes += "behind";
    Record record{.kind = RecordKind::kPost, .post = Sample()};
    ASSERT_EQ(DecodeRecord(bytes, record).value(), size);
    EXPECT_EQ(record.kind, RecordKind::kControl);
    EXPECT_FALSE(record.alias);
    ASSERT_TRUE(record.review);
    EXPECT_EQ(record.review->word, change.word);
    EXPECT_EQ(record.review->topic, change.topic);
    EXPECT_EQ(record.review->at, change.at);
    EXPECT_EQ(record.review->by, "ops");
    ExpectSame(record.post, Post{});
    for (std::size_t cut = 0; cut < size; ++cut) {
      EXPECT_EQ(DecodeRecord(bytes.substr(0, cut), record).error().code, "corrupt_record") << cut;
    }
    // A topic where there is none to speak about, and none where there should be.
    change.topic = change.of_topic() ? "" : "rain";
    bytes.clear();
    EncodeControl(change, bytes);
    EXPECT_EQ(DecodeRecord(bytes, record).error().code, "corrupt_record");
  }
  std::string unknown;
  EncodeControl(ReviewChange{.word = static_cast<ReviewWord>(kReviewWords), .topic = "a", .at = At(1), .by = ""},
                unknown);
  Record record;
  EXPECT_EQ(DecodeRecord(unknown, record).error().code, "corrupt_record");
}

TEST(PostCodec, RefusesAWordThatItDoesNotKnow) {
  std::string good;
  EncodeControl(BlockChange{.topic = "rain", .lifted = false, .configured = false, .at = At(1), .by = ""}, good);
  Record record;
  ASSERT_TRUE(DecodeRecord(good, record));
  for (const unsigned bit : {0x0CU, 0x40U, 0x80U}) {
    std::string bytes = good;
    bytes[0] = static_cast<char>(static_cast<unsigned>(bytes[0]) | bit);
    EXPECT_EQ(DecodeRecord(bytes, record).error().code, "corrupt_record") << bit;
  }
  std::string fields = good;
  fields[1] = 1;
  EXPECT_EQ(DecodeRecord(fields, record).error().code, "corrupt_record");
  std::string nameless;
  EncodeControl(BlockChange{.topic = "", .lifted = false, .configured = false, .at = At(1), .by = "ops"}, nameless);
  EXPECT_EQ(DecodeRecord(nameless, record).error().code, "corrupt_record");
}

TEST(PostCodec, StaysSmall) {
  std::string bytes;
  const Post post{.id = "1", .source = "x", .author = "a", .created_at = At(1508098905000), .text = "hi"};
  EncodeRecord(RecordKind::kPost, post, bytes);
  EXPECT_EQ(bytes.size(), 2U + 2 + 2 + 2 + 5 + 3);
}

TEST(PostCodec, RefusesEveryCutRecord) {
  std::string bytes;
  EncodeRecord(RecordKind::kPost, Sample(), bytes);
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    const std::string cut = bytes.substr(0, size);  // a copy, so that a sanitizer sees every byte too far
    Record record;
    const auto decoded = DecodeRecord(cut, record);
    ASSERT_FALSE(decoded) << size;
    EXPECT_EQ(decoded.error().code, "corrupt_record");
  }
}

TEST(PostCodec, SurvivesAnyFlippedBytes) {
  constexpr std::uint64_t kSeed = 2;
  std::mt19937_64 random(kSeed);
  std::string good;
  EncodeRecord(RecordKind::kPost, Sample(), good);
  for (int i = 0; i < 100'000; ++i) {
    std::string bytes = good;
    for (std::uint64_t n = random() % 4 + 1; n != 0; --n) bytes[random() % bytes.size()] = static_cast<char>(random());
    Record record;
    const auto decoded = DecodeRecord(bytes, record);
    if (!decoded) continue;
    ASSERT_LE(*decoded, bytes.size());
    if (record.kind == RecordKind::kControl) continue;
    std::string again;
    EncodeRecord(record.kind, record.post, again);
    Record twice;
    ASSERT_TRUE(DecodeRecord(again, twice)) << "seed " << kSeed;
    ExpectSame(record.post, twice.post);
  }
}

TEST(PostCodec, ShowsAPostAsJson) {
  EXPECT_EQ(PostToJson(Sample()),
            R"({"id":"1","source":"twitter","author":"ann","created_at":"2017-10-15T20:21:45Z",)"
            R"("text":"Now #MeToo and #rain, me too","kind":"reply","lang":"en","country":"US","in_reply_to":"0",)"
            R"("author_followers":300,"author_created_at":"2001-09-09T01:46:40.001Z","author_is_bot":true,)"
            R"("topics":["metoo","rain","metoo","sent","same"]})");
}

}  // namespace
}  // namespace tagswell
