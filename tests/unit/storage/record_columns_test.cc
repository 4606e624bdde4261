#include "storage/record_columns.h"

#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

#include "proto/post_codec.h"

namespace tagswell {
namespace {

struct Records {
  std::string bytes;
  std::vector<std::uint32_t> ends;
  void Add(RecordKind kind, const Post& post) {
    EncodeRecord(kind, post, bytes);
    ends.push_back(static_cast<std::uint32_t>(bytes.size()));
  }
  std::uint32_t size() const { return static_cast<std::uint32_t>(ends.size()); }
};

class RandomPosts {
 public:
  explicit RandomPosts(std::uint64_t seed) : random_(seed) {}

  void AddTo(Records& records) {
    Post post;
    const std::string id = Id();
    const std::string author = Bytes(30);
    const std::string text = Bytes(300);
    const std::string reply = Bytes(10);
    const std::string topic = "t" + Bytes(8);
    post.id = id;
    post.source = "twitter";
    post.author = author;
    post.text = text;
    post.created_at = Timestamp{Duration{random_() % 2'000'000'000'000}};
    if (Chance(2)) post.created_at = Timestamp{std::chrono::seconds{random_() % 2'000'000'000}};
    if (Chance(2)) post.lang = "en";
    if (Chance(3)) post.country = "GB";
    if (Chance(4)) post.in_reply_to = reply;
    if (Chance(4)) post.repost_of = reply;
    if (Chance(2)) post.author_followers = random_() >> (random_() % 64);
    if (Chance(2)) post.author_created_at = Timestamp{Duration{random_() % 1'000'000'000'000}};
    for (std::uint64_t mentions = random_() % 4; mentions > 0; --mentions) {
      Mention mention{.topic = topic, .spelling = topic, .by_phrase = Chance(3)};
      if (text.size() > 4 && Chance(2)) mention.spelling = std::string_view(text).substr(random_() % 3, 2);
      post.mentions.push_back(mention);
    }
    const RecordKind kinds[] = {RecordKind::kPost, RecordKind::kPost, RecordKind::kPost, RecordKind::kRetraction,
                                RecordKind::kHole};
    records.Add(kinds[random_() % 5], post);
  }

  std::uint64_t Draw() { return random_(); }

 private:
  bool Chance(std::uint64_t in) { return random_() % in == 0; }

  std::string Id() {
    switch (random_() % 5) {
      case 0:
        return std::to_string(random_() >> (random_() % 64));
      case 1:
        return "0" + std::to_string(random_());
      case 2:
        return "at://did:plc/" + std::to_string(random_());
      default:
        return std::to_string(last_ += random_() % 5'000'000);
    }
  }

  std::string Bytes(std::size_t size_max) {
    std::string bytes(random_() % (size_max + 1), ' ');
    for (char& byte : bytes) byte = static_cast<char>(random_());
    return bytes;
  }

  std::mt19937_64 random_;
  std::uint64_t last_ = 1'200'000'000'000'000'000;
};

TEST(RecordColumns, PutTogetherEveryRecordByteForByte) {
  for (std::uint64_t seed = 1; seed <= 50; ++seed) {
    RandomPosts posts(seed);
    Records records;
    for (std::uint64_t count = posts.Draw() % 200; count > 0; --count) posts.AddTo(records);
    RecordCutter cutter;
    const auto columns = cutter.Cut(records.bytes, records.ends);
    ASSERT_TRUE(columns) << "seed " << seed;
    Records joined;
    ASSERT_TRUE(JoinRecords(*columns, records.size(), records.bytes.size(), joined.bytes, joined.ends))
        << "seed " << seed;
    ASSERT_EQ(joined.bytes, records.bytes) << "seed " << seed;
    ASSERT_EQ(joined.ends, records.ends) << "seed " << seed;
  }
}

TEST(RecordColumns, LeaveIdsThatAreNoShortNumbersAsTheyAre) {
  for (const char* id : {"", "0", "00", "7", "12345678", "1234567a", "99999999999999999999", "4611686018427387903",
                         "4611686018427387904", "-1", "+1", "18446744073709551616", "123456789012345678 "}) {
    Post post;
    post.id = id;
    post.author = "ada";
    post.source = "x";
    Records records;
    records.Add(RecordKind::kPost, post);
    records.Add(RecordKind::kPost, post);
    RecordCutter cutter;
    const auto columns = cutter.Cut(records.bytes, records.ends);
    ASSERT_TRUE(columns);
    Records joined;
    ASSERT_TRUE(JoinRecords(*columns, 2, records.bytes.size(), joined.bytes, joined.ends));
    EXPECT_EQ(joined.bytes, records.bytes) << id;
  }
}

TEST(RecordColumns, RefuseWhatIsNoRecord) {
  const std::uint32_t ends[] = {3};
  EXPECT_FALSE(RecordCutter().Cut("abc", ends));
  // A number in a longer form than the encoder writes would come back shorter.
  Post post;
  post.author = "ada";
  Records records;
  records.Add(RecordKind::kPost, post);
  std::string longer = records.bytes;
  const std::size_t author_at = longer.find("ada") - 1;
  longer[author_at] = '\x83';
  longer.insert(author_at + 1, 1, '\0');
  const std::uint32_t longer_end[] = {static_cast<std::uint32_t>(longer.size())};
  EXPECT_FALSE(RecordCutter().Cut(longer, longer_end));
  // Ends that are not the records' own.
  const std::uint32_t wrong[] = {records.ends[0] - 1, records.ends[0]};
  EXPECT_FALSE(RecordCutter().Cut(records.bytes, wrong));
}

// Gives every column's size to another one, and takes bytes off the end.
TEST(RecordColumns, RefuseDamagedColumns) {
  RandomPosts posts(7);
  Records records;
  for (int i = 0; i < 40; ++i) posts.AddTo(records);
  RecordCutter cutter;
  const auto columns = cutter.Cut(records.bytes, records.ends);
  ASSERT_TRUE(columns);
  Records joined;
  const auto join = [&](const RecordColumns& damaged, std::uint32_t count, std::size_t bytes) {
    return JoinRecords(damaged, count, bytes, joined.bytes, joined.ends);
  };
  for (std::size_t column = 0; column + 1 < kNarrowColumns; ++column) {
    RecordColumns damaged = *columns;
    --damaged.sizes[column];
    ++damaged.sizes[column + 1];
    EXPECT_FALSE(join(damaged, records.size(), records.bytes.size())) << column;
  }
  RecordColumns damaged = *columns;
  damaged.texts.remove_suffix(1);
  --damaged.sizes.back();
  EXPECT_FALSE(join(damaged, records.size(), records.bytes.size()));
  EXPECT_FALSE(join(*columns, records.size() + 1, records.bytes.size()));
  EXPECT_FALSE(join(*columns, records.size(), records.bytes.size() - 1));
  EXPECT_TRUE(join(*columns, records.size(), records.bytes.size()));
}

// Whatever a damaged byte does, nothing is written or read out of bounds (the sanitizers watch).
TEST(RecordColumns, SurviveEveryDamagedByte) {
  RandomPosts posts(9);
  Records records;
  for (int i = 0; i < 10; ++i) posts.AddTo(records);
  RecordCutter cutter;
  const auto columns = cutter.Cut(records.bytes, records.ends);
  ASSERT_TRUE(columns);
  for (std::size_t at = 0; at < columns->narrow.size(); ++at) {
    for (const int flip : {1, 0x40, 0x80, 0xff}) {
      std::string narrow(columns->narrow);
      narrow[at] = static_cast<char>(narrow[at] ^ flip);
      RecordColumns damaged = *columns;
      damaged.narrow = narrow;
      Records joined;
      if (JoinRecords(damaged, records.size(), records.bytes.size(), joined.bytes, joined.ends)) {
        EXPECT_EQ(joined.bytes.size(), records.bytes.size());
      }
    }
  }
}

}  // namespace
}  // namespace tagswell
