#include "server/config/config.h"

#include <gtest/gtest.h>

#include <cstring>
#include <fstream>

namespace tagswell {
namespace {

class ConfigTest : public testing::Test {
 protected:
  std::filesystem::path Write(const std::string& text) {
    const auto path = std::filesystem::path(testing::TempDir()) /
                      (std::string(testing::UnitTest::GetInstance()->current_test_info()->name()) + ".toml");
    std::ofstream(path) << text;
    return path;
  }
  std::string ErrorOf(const std::string& text) {
    const auto config = LoadConfig({.file = Write(text), .environment = {}, .flags = {}});
    return config ? "" : config.error().detail;
  }
};

TEST_F(ConfigTest, NeedsNothingAtAll) {
  const auto config = LoadConfig({});
  ASSERT_TRUE(config);
  EXPECT_EQ(config->Listen().address, "127.0.0.1");
  EXPECT_EQ(config->Listen().port, 8080);
  EXPECT_FALSE(config->AdminListen());
  EXPECT_EQ(config->fsync, FsyncPolicy::kAlways);
}

TEST_F(ConfigTest, LetsFlagsWinOverEnvironmentOverFile) {
  const ConfigSources sources = {.file = Write("lateness_seconds = 1\nfuture_seconds = 1\nio_threads = 1\n"),
                                 .environment = [](const char* name) -> const char* {
                                   if (std::strcmp(name, "TAGSWELL_FUTURE_SECONDS") == 0) return "2";
                                   if (std::strcmp(name, "TAGSWELL_IO_THREADS") == 0) return "2";
                                   return nullptr;
                                 },
                                 .flags = {{"io_threads", "3"}}};
  const auto config = LoadConfig(sources);
  ASSERT_TRUE(config);
  EXPECT_EQ(config->lateness_seconds, 1u);
  EXPECT_EQ(config->future_seconds, 2u);
  EXPECT_EQ(config->io_threads, 3u);
}

TEST_F(ConfigTest, NamesFileLineAndKeyOfWhatIsWrong) {
  EXPECT_NE(ErrorOf("clock = \"wall\"\nlatness_seconds = 3\n").find(".toml:2: latness_seconds is no known key"),
            std::string::npos);
  EXPECT_NE(ErrorOf("\n\nlateness_seconds = \"3\"\n").find(".toml:3: lateness_seconds must be a whole number"),
            std::string::npos);
  EXPECT_NE(ErrorOf("lateness_seconds = -3\n").find("lateness_seconds must be a whole number, not negative"),
            std::string::npos);
  EXPECT_NE(ErrorOf("fsync = \"sometimes\"\n").find("fsync must be one of always, interval, never"), std::string::npos);
  EXPECT_NE(ErrorOf("[[token]]\nname = \"a\"\nroles = [\"root\"]\n").find(":3: token.roles"), std::string::npos);
  EXPECT_NE(ErrorOf("listen = [\n").find(".toml:"), std::string::npos);
  EXPECT_NE(ErrorOf("salt = \"xyz\"\n").find("salt must be 16 hexadecimal digits"), std::string::npos);
  EXPECT_NE(ErrorOf("milestones = [10, 5]\n").find("milestones must ascend"), std::string::npos);
}

TEST_F(ConfigTest, SaysHowToListenToOthersSafely) {
  const std::string error = ErrorOf("listen = \"0.0.0.0:80\"\n");
  EXPECT_NE(error.find("listen is 0.0.0.0:80"), std::string::npos);
  EXPECT_NE(error.find("[[token]]"), std::string::npos);
  EXPECT_EQ(ErrorOf("listen = \"0.0.0.0:80\"\n[[token]]\nname = \"a\"\nroles = [\"read\"]\nsha256 = \"" +
                    Sha256Hex("x") + "\"\n"),
            "");
  EXPECT_EQ(ErrorOf("listen = \"[::1]:80\"\n"), "");
  EXPECT_NE(ErrorOf("listen = \"example.org:80\"\n").find("listen must be ADDRESS:PORT"), std::string::npos);
}

TEST_F(ConfigTest, ReadsYesAndNo) {
  EXPECT_FALSE(LoadConfig({.file = Write(""), .environment = {}, .flags = {}})->review);
  EXPECT_FALSE(
      LoadConfig({.file = Write("review = true\n"), .environment = {}, .flags = {{"review", "false"}}})->review);
  EXPECT_TRUE(
      LoadConfig({.file = Write("review = false\n"), .environment = {}, .flags = {{"review", "true"}}})->review);
  EXPECT_EQ(LoadConfig({.file = Write("public_read = true\n"), .environment = {}, .flags = {}}).error().field,
            "public_read");
  EXPECT_NE(ErrorOf("review = \"true\"\n").find("review must be true or false"), std::string::npos);
  EXPECT_NE(ErrorOf("review = 1\n").find("review must be true or false"), std::string::npos);
  EXPECT_FALSE(LoadConfig({.file = {}, .environment = {}, .flags = {{"review", "yes"}}}));
}

TEST_F(ConfigTest, NamesTheLimitThatIsWrong) {
  EXPECT_NE(ErrorOf("token_posts_per_second = 1000001\n").find("token_posts_per_second must be 0 to 1000000"),
            std::string::npos);
  EXPECT_NE(ErrorOf("burst_seconds = 0\n").find("burst_seconds must be 1 to 3600"), std::string::npos);
  EXPECT_NE(ErrorOf("trusted_proxies = [\"proxy\"]\n").find("trusted_proxies holds \"proxy\""), std::string::npos);
  EXPECT_NE(ErrorOf("admin_listen = \"0.0.0.0:80\"\n").find("admin_listen is 0.0.0.0:80"), std::string::npos);
  EXPECT_NE(ErrorOf("[[token]]\nname = \"a\"\nrequests_per_second = -1\n").find(":3: token.requests_per_second"),
            std::string::npos);
}

TEST_F(ConfigTest, ReadsStreamsThatDifferInWhatTheySay) {
  const std::string text = R"(data = "/var/tags"
blocks = ["spam"]
lateness_seconds = 7
[streams.politics]
lateness_seconds = 9
milestones = [5, 10]
stream_posts_per_second = 50
[[streams.politics.alias]]
topic = "vote"
tags = ["election"]
phrases = []
[streams.sport-2]
data = "/var/sport"
blocks = ["doping"]
)";
  const auto config = LoadConfig({.file = Write(text), .environment = {}, .flags = {{"future_seconds", "11"}}});
  ASSERT_TRUE(config) << config.error().detail;
  ASSERT_EQ(config->streams.size(), 2u);
  const Config politics = config->OfStream(config->streams.at(0));
  EXPECT_EQ(politics.data_dir, "/var/tags/streams/politics");
  EXPECT_EQ(politics.lateness_seconds, 9u);
  EXPECT_EQ(politics.future_seconds, 11u);
  EXPECT_EQ(politics.milestones, (std::vector<std::uint64_t>{5, 10}));
  EXPECT_TRUE(politics.blocks.empty());
  EXPECT_EQ(politics.aliases.at(0).topic, "vote");
  const Config sport = config->OfStream(config->streams.at(1));
  EXPECT_EQ(sport.data_dir, "/var/sport");
  EXPECT_EQ(sport.lateness_seconds, 7u);
  EXPECT_EQ(sport.blocks, std::vector<std::string>{"doping"});
  const auto again = LoadConfig({.file = Write(PrintConfig(*config, true)), .environment = {}, .flags = {}});
  ASSERT_TRUE(again) << again.error().detail;
  EXPECT_EQ(PrintConfig(*again, true), PrintConfig(*config, true));
}

TEST_F(ConfigTest, NamesTheKeyOfAStreamThatIsWrong) {
  EXPECT_NE(ErrorOf("[streams.a]\nlisten = \"127.0.0.1:1\"\n").find(":2: streams.a.listen is no key of a stream"),
            std::string::npos);
  EXPECT_NE(ErrorOf("[streams.a]\n\nclock = \"sun\"\n").find(":3: streams.a.clock must be one of"), std::string::npos);
  EXPECT_NE(ErrorOf("[streams.a]\nlateness_seconds = 4000\n").find("streams.a.lateness_seconds must be"),
            std::string::npos);
  EXPECT_NE(ErrorOf("[streams.A]\n").find("streams.A must be named with"), std::string::npos);
  EXPECT_NE(ErrorOf("[streams.default]\n").find("streams.default is there already"), std::string::npos);
  EXPECT_NE(ErrorOf("streams = [\"a\"]\n").find(":1: streams must be written as [streams.NAME]"), std::string::npos);
  EXPECT_NE(ErrorOf("[streams.a]\ndata = \"x\"\n[streams.b]\ndata = \"./y/../x\"\n").find("streams.b.data is ./y/../x"),
            std::string::npos);
  EXPECT_NE(ErrorOf("[[token]]\nname = \"t\"\nroles = [\"read\"]\nstreams = [\"b\"]\nsha256 = \"" + Sha256Hex("x") +
                    "\"\n[streams.a]\n")
                .find("token.streams of 't' names 'b'"),
            std::string::npos);
}

TEST_F(ConfigTest, ReadsWhichPlatformsAreFollowed) {
  const std::string text = R"([streams.fedi]
[[connect]]
name = "bluesky"
platform = "jetstream"
url = "wss://jet.example/subscribe?wantedCollections=app.bsky.feed.post"
[[connect]]
name = "m-1"
platform = "mastodon"
url = "https://m.example"
stream = "fedi"
access_token_file = "/etc/token"
ca_file = "/etc/ca.pem"
idle_seconds = 90
)";
  const auto config = LoadConfig({.file = Write(text), .environment = {}, .flags = {}});
  ASSERT_TRUE(config) << config.error().detail;
  ASSERT_EQ(config->connects.size(), 2u);
  EXPECT_EQ(config->connects.at(0).stream, "default");
  EXPECT_EQ(config->connects.at(0).idle_seconds, 60u);
  EXPECT_EQ(config->connects.at(1).stream, "fedi");
  EXPECT_EQ(config->connects.at(1).access_token_file, "/etc/token");
  EXPECT_EQ(config->connects.at(1).ca_file, "/etc/ca.pem");
  EXPECT_EQ(config->connects.at(1).idle_seconds, 90u);
  const auto again = LoadConfig({.file = Write(PrintConfig(*config)), .environment = {}, .flags = {}});
  ASSERT_TRUE(again) << again.error().detail;
  EXPECT_EQ(PrintConfig(*again), PrintConfig(*config));
}

TEST_F(ConfigTest, RefusesUnknownFlagsAndVariables) {
  EXPECT_FALSE(LoadConfig({.file = {}, .environment = {}, .flags = {{"liste", "x"}}}));
  EXPECT_FALSE(LoadConfig({.file = {}, .environment = [](const char*) -> const char* { return nullptr; }, .flags = {}},
                          {"TAGSWELL_LISTN"}));
  EXPECT_FALSE(LoadConfig({.file = "/nonexistent/tagswell.toml", .environment = {}, .flags = {}}));
}

TEST_F(ConfigTest, PrintsWhatItReadsBack) {
  const std::string text = R"(listen = "127.0.0.2:99"
blocks = ["spam", "a \"b\""]
review = true
milestones = [5, 10]
alarm_budget_per_day = 0.5
admin_listen = "[::1]:100"
trusted_proxies = ["10.0.0.0/8"]
allowed_hosts = ["tags.example"]
address_requests_per_second = 7
burst_seconds = 3
salt = "00000000000000ff"
[[token]]
name = "feeder"
sha256 = ")" + Sha256Hex("x") +
                           R"("
roles = ["ingest", "read"]
posts_per_second = 12
[[alias]]
topic = "metoo"
tags = ["#MeToo"]
phrases = ["me too"]
)";
  const auto first = LoadConfig({.file = Write(text), .environment = {}, .flags = {}});
  ASSERT_TRUE(first) << first.error().detail;
  EXPECT_EQ(first->salt, 255u);
  const auto second = LoadConfig({.file = Write(PrintConfig(*first, true)), .environment = {}, .flags = {}});
  ASSERT_TRUE(second) << second.error().detail;
  EXPECT_EQ(PrintConfig(*first, true), PrintConfig(*second, true));
  EXPECT_TRUE(second->review);
  EXPECT_EQ(second->aliases.at(0).phrases, first->aliases.at(0).phrases);
  EXPECT_EQ(second->AdminListen()->address, "::1");
  EXPECT_EQ(second->trusted_proxies, first->trusted_proxies);
  EXPECT_EQ(second->rate_limits.address_requests_per_second, 7u);
  EXPECT_EQ(second->rate_limits.burst_seconds, 3u);
  EXPECT_EQ(second->tokens.at(0).posts_per_second, 12u);
  EXPECT_FALSE(second->tokens.at(0).requests_per_second);
  EXPECT_EQ(PrintConfig(*first).find(Sha256Hex("x")), std::string::npos);
  EXPECT_EQ(PrintConfig(*first).find("00ff"), std::string::npos);
}

}  // namespace
}  // namespace tagswell
