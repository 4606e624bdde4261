// What the streams of platforms do without a connection: lines, times, ids, envelopes.
#include "server/connect/platform_stream.h"

#include <gtest/gtest.h>

#include "server/connect/jetstream_stream.h"
#include "server/connect/mastodon_stream.h"

namespace tagswell {
namespace {

TEST(StreamBatch, KeepsAMessageOnOneLine) {
  StreamBatch batch;
  batch.Append("{\n  \"a\": 1\r\n}");
  batch.Append("[1,2]", 2);
  EXPECT_EQ(batch.lines, "{   \"a\": 1  }\n[1,2]\n");
  EXPECT_EQ(batch.messages, 3u);
}

TEST(StreamBatch, IsFullByBytesOrByMessages) {
  StreamBatch many;
  while (!many.full()) many.Append("{}");
  EXPECT_EQ(many.messages, StreamBatch::kMessagesMax);
  StreamBatch large;
  large.Append(std::string(StreamBatch::kBytesMax, 'x'));
  EXPECT_TRUE(large.full());
}

TEST(Jetstream, FindsTheTimeOfAMessage) {
  EXPECT_EQ(JetstreamTimeOf(R"({"did":"d","time_us":1783175888085434,"kind":"commit"})"), 1783175888085434u);
  EXPECT_EQ(JetstreamTimeOf(R"({"commit":{"time_us":5},"kind":"commit"})"), std::nullopt);
  EXPECT_EQ(JetstreamTimeOf(R"({"time_us":"5"})"), std::nullopt);
  EXPECT_EQ(JetstreamTimeOf(R"({"time_us":-5})"), std::nullopt);
  EXPECT_EQ(JetstreamTimeOf(R"({"time_us":99999999999999999})"), std::nullopt);
  EXPECT_EQ(JetstreamTimeOf("garbage"), std::nullopt);
  EXPECT_EQ(JetstreamTimeOf(""), std::nullopt);
}

TEST(Mastodon, OrdersIdsByAge) {
  EXPECT_TRUE(IsNewerId("10", "9"));
  EXPECT_FALSE(IsNewerId("9", "10"));
  EXPECT_FALSE(IsNewerId("10", "10"));
  EXPECT_TRUE(IsNewerId("113000000000000001", "113000000000000000"));
  EXPECT_TRUE(IsNewerId("AXzQ", "AXzP"));
  EXPECT_TRUE(IsNewerId("1", ""));
}

TEST(Mastodon, RewindsOnlyIdsThatTellTheirTime) {
  const std::uint64_t ms = 1'783'175'888'085;
  const std::string id = std::to_string((ms << 16) + 77);
  EXPECT_EQ(RewoundId(id, std::chrono::seconds(10)), std::to_string((ms - 10'000) << 16));
  EXPECT_EQ(RewoundId("1234", std::chrono::seconds(10)), "1234");
  EXPECT_EQ(RewoundId("AXzQ", std::chrono::seconds(10)), "AXzQ");
  EXPECT_EQ(RewoundId("", std::chrono::seconds(10)), "");
}

TEST(Mastodon, PutsWhatBringsOrTakesPostsIntoAnEnvelope) {
  EXPECT_EQ(MastodonEnvelope({.type = "delete", .data = "1131"}), R"({"event":"delete","payload":"1131"})");
  EXPECT_EQ(MastodonEnvelope({.type = "update", .data = "{\"id\":\n\"1\"}"}),
            R"({"event":"update","payload":"{\"id\":\n\"1\"}"})");
  EXPECT_EQ(MastodonEnvelope({.type = "status.update", .data = "x\"},{\"y"}),
            R"({"event":"status.update","payload":"x\"},{\"y"})");
  EXPECT_EQ(MastodonEnvelope({.type = "notification", .data = "{}"}), "");
  EXPECT_EQ(MastodonEnvelope({.type = "update", .data = "\xff"}), "");
}

}  // namespace
}  // namespace tagswell
