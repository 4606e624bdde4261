#include "server/api/remote_read_request.h"

#include <gtest/gtest.h>

#include <limits>

#include "tests/unit/api/read_request.h"

namespace tagswell {
namespace {

using prometheus::LabelMatcher_Type_EQ;
using prometheus::LabelMatcher_Type_NEQ;
using prometheus::LabelMatcher_Type_RE;

const Condition kPosts{"__name__", LabelMatcher_Type_EQ, "tagswell_topic_posts_total"};

std::expected<std::vector<SeriesQuery>, Error> Parse(std::int64_t start_ms, std::int64_t end_ms,
                                                     const std::vector<Condition>& conditions) {
  prometheus::ReadRequest request;
  AddQuery(start_ms, end_ms, conditions, request);
  return ParseReadRequest(request.SerializeAsString());
}

bool AsksForNothing(const std::expected<std::vector<SeriesQuery>, Error>& queries) {
  return queries.value().front().last < queries.value().front().first;
}

TEST(RemoteReadRequest, AsksForWholeMinutes) {
  const auto exact = Parse(60'000, 180'000, {kPosts}).value();
  EXPECT_EQ(exact.front().what, CurveOf::kPosts);
  EXPECT_EQ(exact.front().first, Minute{1});
  EXPECT_EQ(exact.front().last, Minute{3});
  const auto between = Parse(60'001, 239'999, {kPosts}).value();
  EXPECT_EQ(between.front().first, Minute{1});
  EXPECT_EQ(between.front().last, Minute{3});
  EXPECT_TRUE(AsksForNothing(Parse(60'001, 60'000, {kPosts})));
}

TEST(RemoteReadRequest, TakesTimesThatAreNone) {
  constexpr std::int64_t kLeast = std::numeric_limits<std::int64_t>::min();
  constexpr std::int64_t kMost = std::numeric_limits<std::int64_t>::max();
  const auto all = Parse(kLeast, kMost, {kPosts}).value();
  EXPECT_EQ(all.front().first, Minute{0});
  EXPECT_EQ(all.front().last, MinuteOf(kTimestampMax));
  EXPECT_TRUE(AsksForNothing(Parse(kLeast, -1, {kPosts})));
  EXPECT_TRUE(AsksForNothing(Parse(kMost, kMost, {kPosts})));
  EXPECT_TRUE(AsksForNothing(Parse(kMost, kLeast, {kPosts})));
}

TEST(RemoteReadRequest, AnswersNothingToWhatIsNotOurs) {
  EXPECT_TRUE(AsksForNothing(Parse(0, 600'000, {{"__name__", LabelMatcher_Type_EQ, "up"}})));
  EXPECT_TRUE(AsksForNothing(Parse(0, 600'000, {kPosts, {"job", LabelMatcher_Type_EQ, "tagswell"}})));
  EXPECT_TRUE(AsksForNothing(Parse(0, 600'000, {kPosts, {"__name__", LabelMatcher_Type_RE, "other.*"}})));
  EXPECT_FALSE(AsksForNothing(Parse(0, 600'000, {kPosts, {"job", LabelMatcher_Type_NEQ, "tagswell"}})));
  EXPECT_FALSE(AsksForNothing(Parse(0, 600'000, {kPosts, {"job", LabelMatcher_Type_EQ, ""}})));
}

TEST(RemoteReadRequest, RefusesSelectorsWithoutAMetric) {
  const Condition topic{"topic", LabelMatcher_Type_EQ, "rain"};
  EXPECT_EQ(Parse(0, 600'000, {topic}).error().code, "missing_metric");
  EXPECT_EQ(Parse(0, 600'000, {topic, {"__name__", LabelMatcher_Type_RE, "tagswell.*"}}).error().code,
            "missing_metric");
  EXPECT_EQ(Parse(0, 600'000, {kPosts, {"topic", LabelMatcher_Type_RE, "("}}).error().code, "bad_matcher");
}

TEST(RemoteReadRequest, RefusesWhatItCannotAnswer) {
  EXPECT_EQ(ParseReadRequest("{}").error().code, "malformed_protobuf");
  prometheus::ReadRequest request;
  request.add_accepted_response_types(prometheus::ReadRequest::STREAMED_XOR_CHUNKS);
  EXPECT_EQ(ParseReadRequest(request.SerializeAsString()).error().code, "unsupported_response_type");
  request.add_accepted_response_types(prometheus::ReadRequest::SAMPLES);
  EXPECT_TRUE(ParseReadRequest(request.SerializeAsString())->empty());
  for (std::size_t i = 0; i <= kReadQueriesMax; ++i) AddQuery(0, 600'000, {kPosts}, request);
  EXPECT_EQ(ParseReadRequest(request.SerializeAsString()).error().code, "too_many_queries");
}

}  // namespace
}  // namespace tagswell
