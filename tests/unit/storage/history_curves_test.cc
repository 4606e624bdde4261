#include <gtest/gtest.h>

#include <map>
#include <random>
#include <set>

#include "storage/history.h"
#include "tests/unit/storage/sample_posts.h"
#include "tests/unit/storage/scratch_dir.h"

namespace tagswell {
namespace {

constexpr std::uint64_t kAllRows = 1'000'000'000;
constexpr std::string_view kRain[] = {"rain"};

Curve CurveOfRain(const History& history, std::string_view scope, Minute from, Minute to, CurveOf what) {
  const auto curves = history.Curves(kRain, scope, from, to, what, kAllRows);
  EXPECT_TRUE(curves.has_value()) << curves.error().detail;
  return curves ? curves->front() : Curve();
}

TEST(HistoryCurves, AreCountedByHandOverRandomHistories) {
  for (std::uint64_t seed = 1; seed <= 6; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    std::mt19937_64 random(seed);
    const ScratchDir scratch;
    StoreOptions options = SmallStore(scratch / "store");
    options.history_rows_pending_max = static_cast<std::uint32_t>(20 + random() % 200);
    const auto store = OpenStore(options);
    std::map<int, std::vector<SamplePost>> posts;  // by minute after noon
    for (int batch = 0; batch < 40; ++batch) {
      std::vector<SamplePost> added;
      for (int i = 0; i < 20; ++i) {
        const auto minute = static_cast<int>(random() % 300);
        added.push_back({.id = std::to_string(batch) + "-" + std::to_string(i),
                         .author = std::to_string(random() % 30),
                         .minute = kNoon + minute,
                         .topics = {random() % 3 == 0 ? "snow" : "rain"},
                         .country = random() % 2 == 0 ? "GB" : "FR"});
        posts[minute].push_back(added.back());
      }
      AppendAndIndex(*store, added);
    }
    for (const std::string scope : {"world", "country:FR"}) {
      const auto counts = [&](const SamplePost& post, std::string_view topic) {
        return post.topics.front() == topic && (scope == "world" || post.country == "FR");
      };
      const int from = static_cast<int>(random() % 200);
      const int to = from + 1 + static_cast<int>(random() % 200);
      const std::string_view both[] = {"snow", "rain", "hail"};
      const auto got =
          store->history().Curves(both, scope, kNoon + from, kNoon + to, CurveOf::kPosts, kAllRows).value();
      const auto authors =
          store->history().Curves(both, scope, kNoon + from, kNoon + to, CurveOf::kAuthorsOfHour, kAllRows).value();
      ASSERT_EQ(got.size(), 3U);
      for (std::size_t topic = 0; topic < 3; ++topic) {
        ASSERT_EQ(got[topic].size(), static_cast<std::size_t>(to - from));
        for (int at = from; at < to; ++at) {
          std::size_t expected = 0;
          for (const SamplePost& post : posts[at]) expected += counts(post, both[topic]);
          std::set<std::string> people;
          for (int before = at - 60; before < at; ++before) {
            for (const SamplePost& post : posts[before]) {
              if (counts(post, both[topic])) people.insert(post.author);
            }
          }
          EXPECT_EQ(got[topic][static_cast<std::size_t>(at - from)], expected) << at;
          EXPECT_EQ(authors[topic][static_cast<std::size_t>(at - from)], people.size()) << at;
        }
      }
    }
  }
}

TEST(HistoryCurves, EstimateAuthorsOfCrowdedMinutesAsStepsDoes) {
  std::mt19937_64 random(7);
  const ScratchDir scratch;
  const auto store = OpenStore(SmallStore(scratch / "store"));
  std::vector<SamplePost> posts;
  // Quiet minutes, crowded ones, and quiet ones again: the window meets every mixture.
  for (int minute = 0; minute < 240; ++minute) {
    const std::uint64_t count = minute / 20 % 5 == 2 ? 400 : random() % 6;
    for (std::uint64_t i = 0; i < count; ++i) {
      posts.push_back({.id = std::to_string(posts.size()),
                       .author = std::to_string(random() % 3000),
                       .minute = kNoon + minute,
                       .country = i % 3 == 0 ? "FR" : "GB"});
    }
  }
  AppendAndIndex(*store, posts);
  for (const std::string scope : {"world", "country:FR"}) {
    const Curve curve = CurveOfRain(store->history(), scope, kNoon, kNoon + 300, CurveOf::kAuthorsOfHour);
    bool estimated = false;
    for (int at = 1; at < 300; ++at) {
      const auto steps = store->history().Steps("rain", scope, kNoon + at - 60, kNoon + at, 60);
      ASSERT_TRUE(steps.has_value());
      EXPECT_EQ(curve[static_cast<std::size_t>(at)], steps->empty() ? 0 : steps->front().authors) << at;
      estimated = estimated || (!steps->empty() && !steps->front().authors_exact);
    }
    EXPECT_TRUE(estimated);
  }
}

TEST(HistoryCurves, FollowRetractions) {
  const ScratchDir scratch;
  const auto store = OpenStore(SmallStore(scratch / "store"));
  AppendAndIndex(*store, {{.id = "1", .author = "ada"}, {.id = "2", .author = "ben"}});
  const auto found = store->log().Find(KeyOfSample("2"));
  ASSERT_TRUE(found && *found);
  const auto block = store->log().AppendRetraction((*found)->position, StartOf(kNoon));
  ASSERT_TRUE(block && store->IndexBlock(**block));
  EXPECT_EQ(CurveOfRain(store->history(), "world", kNoon, kNoon + 2, CurveOf::kPosts), Curve({1, 0}));
  EXPECT_EQ(CurveOfRain(store->history(), "world", kNoon, kNoon + 2, CurveOf::kAuthorsOfHour), Curve({0, 1}));
}

TEST(HistoryCurves, BeginWithTheFirstHourOfTheHistory) {
  const ScratchDir scratch;
  const auto store = OpenStore(SmallStore(scratch / "store"));
  EXPECT_EQ(store->history().First().value(), std::nullopt);
  AppendAndIndex(*store, {{.id = "1", .minute = kNoon + 119}});
  EXPECT_EQ(store->history().First().value(), kNoon + 60);
  ASSERT_TRUE(store->history().Flush().has_value());
  EXPECT_EQ(store->history().First().value(), kNoon + 60);
  AppendAndIndex(*store, {{.id = "2", .minute = kNoon - 1}});
  EXPECT_EQ(store->history().First().value(), kNoon - 60);
}

TEST(HistoryCurves, ReadNoMoreRowsThanTheyMay) {
  const ScratchDir scratch;
  const auto store = OpenStore(SmallStore(scratch / "store"));
  AppendAndIndex(*store, {{.id = "1", .author = "ada"}, {.id = "2", .author = "ben"}, {.id = "3", .topics = {"snow"}}});
  for (int flush = 0; flush < 2; ++flush) {
    const History& history = store->history();
    const auto curves = [&](std::uint64_t rows_max) {
      return history.Curves(kRain, "world", kNoon, kNoon + 1, CurveOf::kPosts, rows_max);
    };
    EXPECT_TRUE(curves(2).has_value());
    EXPECT_EQ(curves(1).error().code, "too_much_history");
    const auto top = [&](const TopFilter& filter) {
      return history.Top("world", kNoon, kNoon + 1, TopBy::kPosts, 9, filter);
    };
    EXPECT_EQ(top({.rows_max = 2}).error().code, "too_much_history");
    EXPECT_EQ(top({.rows_max = 3})->size(), 2U);
    const auto snow = top({.accepts = [](std::string_view topic) { return topic == "snow"; }, .rows_max = 3});
    ASSERT_TRUE(snow.has_value());
    ASSERT_EQ(snow->size(), 1U);
    EXPECT_EQ(snow->front().topic, "snow");
    ASSERT_TRUE(store->history().Flush().has_value());
  }
}

}  // namespace
}  // namespace tagswell
