#include "proto/formats/format_sniffer.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <string>

#include "tests/unit/proto/shared_data.h"

namespace tagswell {
namespace {

class FormatSnifferTest : public testing::Test {
 protected:
  std::optional<PostFormat> FormatOf(std::string lines) {
    const std::size_t size = lines.size();
    lines.append(simdjson::SIMDJSON_PADDING, '"');
    const auto form = sniffer_.FormOfLines(std::string_view(lines).substr(0, size));
    if (!form) return std::nullopt;
    in_event_ = form->shape == BodyShape::kCloudEventLines;
    EXPECT_TRUE(in_event_ || form->shape == BodyShape::kNdjson);
    return form->format;
  }
  bool in_event_ = false;
  FormatSniffer sniffer_;
};

TEST_F(FormatSnifferTest, KnowsEachFormatByItsMembers) {
  using enum PostFormat;
  EXPECT_EQ(FormatOf(R"({"id":"1","source":"s","author":"a","created_at":"x","text":"y"})"), kTagswell);
  EXPECT_EQ(FormatOf(R"({"created_at":"x","id_str":"1","source":"web","user":{"id":1}})"), kTwitterV1);
  EXPECT_EQ(FormatOf(R"({"statuses":[]})"), kTwitterV1);
  EXPECT_EQ(FormatOf(R"({"delete":{"status":{}}})"), kTwitterV1);
  EXPECT_EQ(FormatOf(R"([{"id_str":"1","user":{}}])"), kTwitterV1);
  EXPECT_EQ(FormatOf(R"({"data":[],"meta":{}})"), kTwitterV2);
  EXPECT_EQ(FormatOf(R"({"author":{},"author_id":"1","source":"web","text":"x"})"), kTwitterV2);
  EXPECT_EQ(FormatOf(R"({"event":"delete","payload":"1"})"), kMastodon);
  EXPECT_EQ(FormatOf(R"({"visibility":"public","account":{}})"), kMastodon);
  EXPECT_EQ(FormatOf(R"({"@context":"x","type":"Create"})"), kActivityStreams);
  EXPECT_EQ(FormatOf(R"({"type":"Note","attributedTo":"a"})"), kActivityStreams);
  EXPECT_EQ(FormatOf(R"({"did":"d","time_us":1,"kind":"identity"})"), kJetstream);
}

TEST_F(FormatSnifferTest, LooksFurtherWhereALineDoesNotShow) {
  EXPECT_EQ(FormatOf("\r\n{\"limit\":{\"track\":1}}\nnot JSON\n[]\n7\n{\"did\":\"d\",\"time_us\":1}\n"),
            PostFormat::kJetstream);
  EXPECT_EQ(FormatOf(""), std::nullopt);
  EXPECT_EQ(FormatOf("{}\n\n[{}]\n{\"data\":\n"), std::nullopt);
}

TEST_F(FormatSnifferTest, LooksIntoTheDataOfCloudEvents) {
  using enum PostFormat;
  const auto event = [](const std::string& data) {
    return R"({"specversion":"1.0","id":"1","source":"/s","type":"t","data":)" + data + "}\n";
  };
  EXPECT_EQ(FormatOf(event(R"({"id":"1","source":"s","author":"a","text":"y"})")), kTagswell);
  EXPECT_TRUE(in_event_);
  EXPECT_EQ(FormatOf("[" + event(R"({"visibility":"public","account":{}})") + "]"), std::nullopt);
  EXPECT_EQ(FormatOf(R"([{"data":{"did":"d","time_us":1},"specversion":"1.0"},7])"), kJetstream);
  EXPECT_TRUE(in_event_);
  EXPECT_EQ(FormatOf(event("7") + event("{}") + event(R"({"data":{"id":"1"}})")), kTwitterV2);
  EXPECT_TRUE(in_event_);
  EXPECT_EQ(FormatOf(event(R"({"specversion":"1.0"})")), std::nullopt);
}

TEST_F(FormatSnifferTest, KnowsRealMessages) {
  if (!std::filesystem::exists(SharedData("native"))) GTEST_SKIP() << "reference data is absent";
  using enum PostFormat;
  for (const auto& [name, format] :
       {std::pair("bluesky_jetstream/expected_v1.jsonl", kJetstream),
        std::pair("mastodon/mastodonpy_statuses.jsonl", kMastodon),
        std::pair("mastodon/flodgatt_msg.event_txt_004.txt", kMastodon), std::pair("twitter_v2/flat.jsonl", kTwitterV2),
        std::pair("twitter_v2/streaming_output_with_error.jsonl", kTwitterV2),
        std::pair("twitter_v2/tweets_compliance.jsonl", kTwitterV2), std::pair("twitter_v2/kpop.jsonl", kTwitterV2)}) {
    EXPECT_EQ(FormatOf(ReadFile(SharedData("native") / name)), format) << name;
  }
  EXPECT_FALSE(in_event_);
  for (const auto& entry : std::filesystem::directory_iterator(SharedData("native/activitystreams"))) {
    std::string json = ReadFile(entry.path());
    json.append(simdjson::SIMDJSON_PADDING, ' ');
    const std::string_view whole = std::string_view(json).substr(0, json.size() - simdjson::SIMDJSON_PADDING);
    const auto form = sniffer_.FormOf(whole);
    // One sample has neither context nor author.
    EXPECT_TRUE(!form || form->format == kActivityStreams) << entry.path();
  }
  std::string twitter = ReadFile(SharedData("native/twitter_v1/twitter.json"));
  twitter.append(simdjson::SIMDJSON_PADDING, ' ');
  EXPECT_EQ(sniffer_.FormOf(std::string_view(twitter).substr(0, twitter.size() - simdjson::SIMDJSON_PADDING))->format,
            kTwitterV1);
}

}  // namespace
}  // namespace tagswell
