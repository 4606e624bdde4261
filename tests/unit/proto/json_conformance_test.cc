// The parser against JSONTestSuite and the Big List of Naughty Strings.
#include <gtest/gtest.h>
#include <simdjson.h>

#include <filesystem>
#include <string>

#include "tests/unit/proto/post_parser_fixture.h"
#include "tests/unit/proto/shared_data.h"

namespace tagswell {
namespace {

using JsonConformance = PostParserFixture;

TEST_F(JsonConformance, JudgesTheCasesOfJsonTestSuite) {
  const auto folder = SharedData("json/test_parsing");
  if (!std::filesystem::exists(folder)) GTEST_SKIP() << folder << " is absent";
  int cases = 0;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    const std::string name = entry.path().filename().string();
    const std::string json = ReadFile(entry.path());
    ++cases;
    const std::string as_body = CodeOf(json);
    const std::string as_first = CodeOf("{\"x\":" + json + "," + Good().substr(1));
    const std::string as_last = CodeOf(Good().substr(0, Good().size() - 1) + ",\"x\":" + json + "}");
    const std::string as_element = CodeOf("[" + Good() + "," + json + "]");
    if (name.starts_with("n_")) {
      // A value with a comma behind it, or none at all, can make sense inside something else.
      EXPECT_EQ(as_body, "malformed_json") << name;
      if (json.empty() || name == "n_structure_no_data.json") continue;
      EXPECT_EQ(as_first, "malformed_json") << name;
      EXPECT_EQ(as_last, "malformed_json") << name;
      EXPECT_EQ(as_element, "malformed_json") << name;
    } else if (name.starts_with("y_")) {
      EXPECT_NE(as_body, "malformed_json") << name;
      EXPECT_EQ(as_first, "") << name;
      EXPECT_EQ(as_last, "") << name;
      EXPECT_NE(as_element, "malformed_json") << name;
    }
  }
  EXPECT_GT(cases, 300);
}

TEST_F(JsonConformance, KeepsNaughtyStringsAsTheyAre) {
  const auto path = SharedData("json/blns/blns.json");
  if (!std::filesystem::exists(path)) GTEST_SKIP() << path << " is absent";
  simdjson::dom::parser parser;
  int cases = 0;
  for (const simdjson::dom::element naughty : parser.load(path.string()).get_array()) {
    const std::string text(naughty.get_string().value());
    const std::string json = simdjson::minify(naughty);
    const Post post = Read(With("text", json));
    EXPECT_EQ(post.text, text);
    simdjson::dom::parser again;
    const std::string shown = PostToJson(post);
    EXPECT_EQ(again.parse(shown)["text"].get_string().value(), text);
    if (!text.empty() && text.size() <= 256) {
      EXPECT_EQ(Read(With("author", json)).author, text);
    }
    ++cases;
  }
  EXPECT_GT(cases, 400);
}

}  // namespace
}  // namespace tagswell
