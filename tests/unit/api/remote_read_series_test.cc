#include "server/api/remote_read_series.h"

#include <gtest/gtest.h>
#include <snappy.h>

#include "server/api/remote_read_response.h"
#include "tests/unit/api/read_request.h"
#include "tests/unit/storage/sample_posts.h"
#include "tests/unit/storage/scratch_dir.h"

namespace tagswell {
namespace {

using prometheus::LabelMatcher_Type_EQ;
using prometheus::LabelMatcher_Type_NEQ;
using prometheus::LabelMatcher_Type_NRE;
using prometheus::LabelMatcher_Type_RE;

// Three minutes: rain rain | sun rain | snow, one of them from France.
class RemoteReadSeries : public testing::Test {
 protected:
  RemoteReadSeries() : store_(OpenStore(SmallStore(scratch_ / "store"))) {
    AppendAndIndex(*store_, {{.id = "1", .author = "ada"},
                             {.id = "2", .author = "ada"},
                             {.id = "3", .author = "ben", .minute = kNoon + 1, .country = "FR"},
                             {.id = "4", .author = "ben", .minute = kNoon + 1, .topics = {"sun"}},
                             {.id = "5", .author = "eve", .minute = kNoon + 2, .topics = {"snow"}}});
  }

  std::expected<std::vector<TopicSeries>, Error> Read(const std::vector<Condition>& conditions, Minute first,
                                                      Minute last, const ReadLimits& limits = {},
                                                      const std::string& metric = "tagswell_topic_posts_total") {
    prometheus::ReadRequest request;
    std::vector<Condition> all = conditions;
    all.push_back({"__name__", LabelMatcher_Type_EQ, metric});
    AddQuery(MsOf(first), MsOf(last), all, request);
    if (labels_only_) request.mutable_queries(0)->mutable_hints()->set_func("series");
    auto queries = ParseReadRequest(request.SerializeAsString());
    EXPECT_TRUE(queries.has_value());
    const HistoryExtent extent{.end = kNoon + 3, .scopes = {"world", "country:GB", "country:FR", "lang:en"}};
    std::size_t samples = 0;
    return ReadSeries(store_->history(), extent, std::move(queries->front()), limits, samples);
  }

  std::vector<std::string> Topics(const std::vector<Condition>& conditions) {
    std::vector<std::string> names;
    const auto found = Read(conditions, kNoon, kNoon + 3);
    if (!found) return {found.error().code};
    for (const TopicSeries& series : *found)
      names.push_back(series.scope == "world" ? series.topic : series.topic + "@" + series.scope);
    return names;
  }

  const ScratchDir scratch_;
  const std::unique_ptr<Store> store_;
  bool labels_only_ = false;
};

using Names = std::vector<std::string>;
using Values = std::vector<double>;

TEST_F(RemoteReadSeries, CountPostsFromZeroAtTheFirstSample) {
  const auto all = Read({}, kNoon, kNoon + 3).value();
  ASSERT_EQ(all.size(), 3U);
  EXPECT_EQ(all[0].topic, "rain");
  EXPECT_EQ(all[0].scope, "world");
  EXPECT_EQ(all[0].first, kNoon);
  EXPECT_EQ(all[0].values, Values({0, 2, 3, 3}));
  EXPECT_EQ(all[1].values, Values({0, 0, 0, 1}));
  EXPECT_EQ(all[2].values, Values({0, 0, 1, 1}));
  const auto later = Read({{"topic", LabelMatcher_Type_EQ, "rain"}}, kNoon + 1, kNoon + 2).value();
  ASSERT_EQ(later.size(), 1U);
  EXPECT_EQ(later[0].values, Values({0, 1}));
}

TEST_F(RemoteReadSeries, CountAuthorsOfTheHourBefore) {
  const auto authors = Read({}, kNoon, kNoon + 3, {}, "tagswell_topic_authors").value();
  ASSERT_EQ(authors.size(), 3U);
  EXPECT_EQ(authors[0].values, Values({0, 1, 2, 2}));
  EXPECT_EQ(authors[1].values, Values({0, 0, 0, 1}));
}

TEST_F(RemoteReadSeries, AreCutToWhatTheHistoryHolds) {
  const auto all = Read({{"topic", LabelMatcher_Type_EQ, "rain"}}, kNoon - 5000, kNoon + 5000).value();
  ASSERT_EQ(all.size(), 1U);
  EXPECT_EQ(all[0].first, kNoon);
  EXPECT_EQ(all[0].values.size(), 4U);
  EXPECT_TRUE(Read({}, kNoon - 5000, kNoon - 1).value().empty());
  EXPECT_TRUE(Read({}, kNoon + 4, kNoon + 5000).value().empty());
}

TEST_F(RemoteReadSeries, AreThoseThatTheMatchersMean) {
  EXPECT_EQ(Topics({{"topic", LabelMatcher_Type_EQ, "sun"}}), Names({"sun"}));
  EXPECT_EQ(Topics({{"topic", LabelMatcher_Type_EQ, "hail"}}), Names());
  EXPECT_EQ(Topics({{"topic", LabelMatcher_Type_RE, "sun|hail|rain"}}), Names({"rain", "sun"}));
  EXPECT_EQ(Topics({{"topic", LabelMatcher_Type_RE, "s.*"}}), Names({"snow", "sun"}));
  EXPECT_EQ(Topics({{"topic", LabelMatcher_Type_RE, "sun|rain"}, {"topic", LabelMatcher_Type_NEQ, "rain"}}),
            Names({"sun"}));
  EXPECT_EQ(Topics({{"topic", LabelMatcher_Type_NRE, "s.*"}}), Names({"rain"}));
  EXPECT_EQ(Topics({{"topic", LabelMatcher_Type_EQ, ""}}), Names());
  EXPECT_EQ(Topics({{"scope", LabelMatcher_Type_EQ, "country:FR"}}), Names({"rain@country:FR"}));
  EXPECT_EQ(Topics({{"scope", LabelMatcher_Type_EQ, "moon"}}), Names());
  EXPECT_EQ(Topics({{"scope", LabelMatcher_Type_RE, "country:.*"}, {"topic", LabelMatcher_Type_EQ, "rain"}}),
            Names({"rain@country:FR", "rain@country:GB"}));
  EXPECT_EQ(Topics({{"scope", LabelMatcher_Type_NRE, "country:.*|lang:.*"}, {"topic", LabelMatcher_Type_EQ, "sun"}}),
            Names({"sun"}));
}

TEST_F(RemoteReadSeries, AreTheMostUsedTopicsWhereNoneIsNamed) {
  const auto posts = Read({}, kNoon, kNoon + 3, {.topics_min = 1, .topics_max = 2}).value();
  ASSERT_EQ(posts.size(), 2U);
  EXPECT_EQ(posts[0].topic, "rain");
  EXPECT_EQ(posts[1].topic, "snow");
  const auto authors = Read({}, kNoon, kNoon + 3, {.topics_min = 1, .topics_max = 1}, "tagswell_topic_authors").value();
  ASSERT_EQ(authors.size(), 1U);
  EXPECT_EQ(authors[0].topic, "rain");
  // As many as the samples allow: four for each topic.
  EXPECT_EQ(Read({}, kNoon, kNoon + 3, {.samples_max = 11, .topics_min = 1})->size(), 2U);
}

TEST_F(RemoteReadSeries, StayWithinTheirLimits) {
  EXPECT_EQ(Read({}, kNoon, kNoon + 3, {.samples_max = 12})->size(), 3U);
  const auto refused = Read({}, kNoon, kNoon + 3, {.samples_max = 11});
  EXPECT_EQ(refused.error().code, "too_many_samples");
  EXPECT_NE(refused.error().detail.find("exceeded sample limit (11"), std::string::npos);
  const Condition two{"scope", LabelMatcher_Type_RE, "world|lang:en"};
  EXPECT_EQ(Read({two}, kNoon, kNoon + 3, {.samples_max = 24})->size(), 6U);
  EXPECT_EQ(Read({two}, kNoon, kNoon + 3, {.samples_max = 23}).error().code, "too_many_samples");
  EXPECT_EQ(Read({two}, kNoon, kNoon + 3, {.scopes_max = 1}).error().code, "too_many_scopes");
  EXPECT_EQ(Read({}, kNoon, kNoon + 3, {.rows_max = 3}).error().code, "too_much_history");
  EXPECT_EQ(Read({{"topic", LabelMatcher_Type_EQ, "rain"}}, kNoon, kNoon + 3, {.rows_max = 1}).error().code,
            "too_much_history");
}

TEST_F(RemoteReadSeries, HaveNoSamplesWhereOnlyLabelsAreWanted) {
  labels_only_ = true;
  const auto all = Read({{"topic", LabelMatcher_Type_RE, "rain|sun"}}, kNoon, kNoon + 3, {.samples_max = 0}).value();
  ASSERT_EQ(all.size(), 2U);
  EXPECT_EQ(all[0].topic, "rain");
  EXPECT_TRUE(all[0].values.empty());
}

TEST_F(RemoteReadSeries, AreEncodedAsPrometheusReadsThem) {
  const std::vector<std::vector<TopicSeries>> results{Read({}, kNoon, kNoon + 3).value(), {}};
  const std::string block = EncodeReadResponse(results);
  std::string bytes;
  ASSERT_TRUE(snappy::Uncompress(block.data(), block.size(), &bytes));
  prometheus::ReadResponse response;
  ASSERT_TRUE(response.ParseFromString(bytes));
  ASSERT_EQ(response.results_size(), 2);
  EXPECT_EQ(response.results(1).timeseries_size(), 0);
  ASSERT_EQ(response.results(0).timeseries_size(), 3);
  const prometheus::TimeSeries& rain = response.results(0).timeseries(0);
  ASSERT_EQ(rain.labels_size(), 3);
  EXPECT_EQ(rain.labels(0).name(), "__name__");
  EXPECT_EQ(rain.labels(0).value(), "tagswell_topic_posts_total");
  EXPECT_EQ(rain.labels(1).name(), "scope");
  EXPECT_EQ(rain.labels(1).value(), "world");
  EXPECT_EQ(rain.labels(2).name(), "topic");
  EXPECT_EQ(rain.labels(2).value(), "rain");
  ASSERT_EQ(rain.samples_size(), 4);
  EXPECT_EQ(rain.samples(1).value(), 2);
  EXPECT_EQ(rain.samples(1).timestamp(), MsOf(kNoon + 1));
}

}  // namespace
}  // namespace tagswell
