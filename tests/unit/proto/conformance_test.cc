// The extractor against twitter-text's own cases and against a stream whose tags somebody else has counted.
#include <gtest/gtest.h>
#include <simdjson.h>

#include <algorithm>
#include <filesystem>
#include <string>
#include <vector>

#include "proto/tag_extractor.h"
#include "shared_data.h"
#include "tag_reference.h"

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

}  // namespace
}  // namespace tagswell
