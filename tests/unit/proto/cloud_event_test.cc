#include <gtest/gtest.h>

#include "tests/unit/proto/format_fixture.h"

namespace tagswell {
namespace {

class CloudEvents : public FormatFixture {
 protected:
  CloudEvents() : FormatFixture(PostFormat::kTagswell) {}

  static constexpr const char* kAttributes = R"("specversion":"1.0","id":"e","source":"/s","type":"post")";
  static std::string Event(const std::string& data, const std::string& attributes = kAttributes) {
    return "{" + attributes + R"(,"data":)" + data + "}";
  }
  static std::string Own(const std::string& id) {
    return R"({"id":")" + id +
           R"(","source":"twitter","author":"ann","created_at":"2017-10-15T20:21:45Z","text":"\u0023Rain"})";
  }
  std::string CodeOfEvent(std::string event) {
    const auto parsed = Parse(BodyShape::kCloudEvent, std::move(event));
    if (!parsed) return parsed.error().code;
    return parsed->errors.empty() ? "" : parsed->errors[0].error.code;
  }
};

TEST_F(CloudEvents, HoldPosts) {
  for (const std::string& event :
       {Event(Own("1")), R"({"data":)" + Own("1") + "," + kAttributes + R"(,"extra":[1]})"}) {
    auto parsed = Parse(BodyShape::kCloudEvent, event);
    ASSERT_TRUE(parsed.has_value());
    EXPECT_TRUE(parsed->single);
    const std::vector<Post>& posts = PostsOf(std::move(*parsed));
    ASSERT_EQ(posts.size(), 1U);
    EXPECT_EQ(posts[0].id, "1");
    EXPECT_EQ(TopicsOf(posts[0]), Topics{"rain"});
  }
}

TEST_F(CloudEvents, ComeInBatches) {
  const auto parsed =
      Parse(BodyShape::kCloudEvents, "[" + Event(Own("1")) + "," + Event("{}") + ",7," + Event(Own("2")) + "]");
  ASSERT_TRUE(parsed.has_value());
  EXPECT_FALSE(parsed->single);
  EXPECT_EQ(parsed->batch.size(), 2U);
  ASSERT_EQ(parsed->rejected, 2U);
  EXPECT_EQ(parsed->errors[0].line, 2U);
  EXPECT_EQ(parsed->errors[0].error.code, "missing_id");
  EXPECT_EQ(parsed->errors[1].line, 3U);
  EXPECT_EQ(parsed->errors[1].error.code, "not_a_post");
  EXPECT_EQ(Parse(BodyShape::kCloudEvents, Event(Own("1"))).error().code, "not_a_batch");
  EXPECT_EQ(CodeOfEvent("[" + Event(Own("1")) + "]"), "not_a_post");
}

TEST_F(CloudEvents, AreRefusedForWhatTheyLack) {
  EXPECT_EQ(CodeOfEvent("{}"), "missing_event_specversion");
  EXPECT_EQ(CodeOfEvent(Event(Own("1"), R"("specversion":"1.0","source":"/s","type":"t")")), "missing_event_id");
  EXPECT_EQ(CodeOfEvent(Event(Own("1"), R"("specversion":"1.0","id":"","source":"/s","type":"t")")),
            "missing_event_id");
  EXPECT_EQ(CodeOfEvent(Event(Own("1"), R"("specversion":"1.0","id":"1","type":"t")")), "missing_event_source");
  EXPECT_EQ(CodeOfEvent(Event(Own("1"), R"("specversion":"1.0","id":"1","source":"/s")")), "missing_event_type");
  EXPECT_EQ(CodeOfEvent(Event(Own("1"), R"("specversion":"0.3","id":"1")")), "bad_specversion");
  EXPECT_EQ(CodeOfEvent(std::string("{") + kAttributes + "}"), "missing_data");
  EXPECT_EQ(CodeOfEvent(Event("\"text\"")), "bad_data");
  EXPECT_EQ(CodeOfEvent(std::string("{") + kAttributes + R"(,"data_base64":"e30="})"), "bad_data");
  EXPECT_EQ(CodeOfEvent(Event(Own("1"), std::string(kAttributes) + R"(,"id":"f")")), "duplicate_field");
}

TEST_F(CloudEvents, ComeInLines) {
  const std::string bad_data = Event("7");
  auto parsed =
      Parse(BodyShape::kCloudEventLines, Event(Own("1")) + "\n\n{\n7\n" + bad_data + "\n[" + Event(Own("2")) + "," +
                                             Event(Own("3")) + "]\r\n" + Own("4") + "\n" + Event(Own("5")));
  ASSERT_TRUE(parsed.has_value());
  EXPECT_FALSE(parsed->single);
  EXPECT_EQ(parsed->ignored, 1U);
  EXPECT_EQ(parsed->rejected, 4U);
  std::string errors;
  for (const LineError& error : parsed->errors) errors += std::to_string(error.line) + " " + error.error.code + "\n";
  EXPECT_EQ(errors, "3 malformed_json\n4 not_a_post\n5 bad_data\n7 missing_event_specversion\n");
  const std::vector<Post>& posts = PostsOf(std::move(*parsed));
  ASSERT_EQ(posts.size(), 4U);
  EXPECT_EQ(posts[2].id, "3");
  EXPECT_EQ(posts[3].id, "5");
}

TEST_F(CloudEvents, AreCheckedWhole) {
  EXPECT_EQ(CodeOfEvent(Event(Own("1")) + "}"), "malformed_json");
  EXPECT_EQ(CodeOfEvent(Event(R"({"id":tru})")), "malformed_json");
  EXPECT_EQ(CodeOfEvent(Event(R"({"id":tru})", R"("specversion":"0.3")")), "malformed_json");
  EXPECT_EQ(CodeOfEvent(Event(R"({"a":1]})")), "malformed_json");
  EXPECT_EQ(CodeOfEvent(Event(Own("1"), std::string(kAttributes) + R"(,"x":{"y":01})")), "malformed_json");
}

}  // namespace
}  // namespace tagswell
