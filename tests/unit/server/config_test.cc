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
  EXPECT_EQ(config->ListenHost(), "127.0.0.1");
  EXPECT_EQ(config->ListenPort(), 8080);
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
  EXPECT_NE(ErrorOf("review = \"true\"\n").find("review must be true or false"), std::string::npos);
  EXPECT_NE(ErrorOf("review = 1\n").find("review must be true or false"), std::string::npos);
  EXPECT_FALSE(LoadConfig({.file = {}, .environment = {}, .flags = {{"review", "yes"}}}));
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
salt = "00000000000000ff"
[[token]]
name = "feeder"
sha256 = ")" + Sha256Hex("x") +
                           R"("
roles = ["ingest", "read"]
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
  EXPECT_EQ(PrintConfig(*first).find(Sha256Hex("x")), std::string::npos);
  EXPECT_EQ(PrintConfig(*first).find("00ff"), std::string::npos);
}

}  // namespace
}  // namespace tagswell
