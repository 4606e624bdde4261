#include <gtest/gtest.h>

#include <algorithm>
#include <iterator>
#include <map>
#include <random>
#include <set>
#include <string>
#include <tuple>
#include <vector>

#include "storage/history.h"
#include "tests/unit/storage/sample_posts.h"
#include "tests/unit/storage/scratch_dir.h"

namespace tagswell {
namespace {

constexpr std::uint64_t kAllRows = 1'000'000'000;
constexpr Minute kEver = kNoon + 40'000'000;
const std::vector<std::uint64_t> kSteps = {1, 5, 20, 100};

using PassedRow = std::tuple<Minute, std::string, bool, std::uint64_t, bool>;
using PlaceRow = std::tuple<Minute, std::string, std::uint64_t, std::uint64_t, bool>;

std::vector<PassedRow> PassedOf(const TopicCourse& course) {
  std::vector<PassedRow> rows;
  for (const auto& of : course.passed) rows.emplace_back(of.end, of.source, of.of_authors, of.count, of.exact);
  return rows;
}

std::vector<PlaceRow> PlacesOf(const TopicCourse& course) {
  std::vector<PlaceRow> rows;
  for (const auto& of : course.places) rows.emplace_back(of.first, of.scope, of.posts, of.authors, of.authors_exact);
  return rows;
}

// Counted by hand, minute by minute.
TopicCourse ByHand(std::vector<SamplePost> posts) {
  std::ranges::sort(posts, {}, &SamplePost::minute);
  struct Tally {
    Minute first{0};
    std::uint64_t posts = 0;
    std::set<std::string> authors;
  };
  std::map<std::string, Tally> tallies;
  std::map<Minute, Tally> hours;
  TopicCourse course;
  for (std::size_t i = 0; i < posts.size(); ++i) {
    const SamplePost& post = posts[i];
    const auto take = [&](Tally& tally) {
      if (tally.posts++ == 0) tally.first = post.minute;
      tally.authors.insert(post.author);
    };
    take(tallies[""]);
    if (!post.lang.empty()) take(tallies["lang:" + post.lang]);
    if (!post.country.empty()) take(tallies["country:" + post.country]);
    take(tallies["source:" + post.source]);
    take(hours[post.minute - static_cast<int>(post.minute) % 60]);
    if (i + 1 < posts.size() && posts[i + 1].minute == post.minute) continue;
    for (const auto& [scope, tally] : tallies) {
      if (!scope.empty() && !scope.starts_with("source:")) continue;
      const std::string source = scope.empty() ? scope : scope.substr(7);
      for (const std::uint64_t step : kSteps) {
        for (const bool of_authors : {false, true}) {
          const auto known = [&](const TopicCourse::Passed& of) {
            return of.source == source && of.of_authors == of_authors && of.count == step;
          };
          if ((of_authors ? tally.authors.size() : tally.posts) >= step && std::ranges::none_of(course.passed, known))
            course.passed.push_back({post.minute + 1, of_authors, step, source, true});
        }
      }
    }
  }
  course.posts = tallies[""].posts;
  course.authors = tallies[""].authors.size();
  course.first = posts.front().minute;
  course.last = posts.back().minute;
  for (const auto& [hour, tally] : hours) {
    if (tally.posts <= course.peak_posts) continue;
    course.peak_hour = hour;
    course.peak_posts = tally.posts;
    course.peak_authors = tally.authors.size();
  }
  for (const auto& [scope, tally] : tallies) {
    if (!scope.empty()) course.places.push_back({scope, tally.first, tally.posts, tally.authors.size(), true});
  }
  std::ranges::sort(course.places, {}, [](const auto& of) { return std::tuple(of.first, of.scope); });
  std::ranges::sort(course.passed, {},
                    [](const auto& of) { return std::tuple(of.end, of.source, of.of_authors, of.count); });
  return course;
}

void ExpectSame(const TopicCourse& got, const TopicCourse& wanted) {
  EXPECT_TRUE(got.complete);
  EXPECT_EQ(std::tuple(got.posts, got.authors, got.authors_exact, got.first, got.last),
            std::tuple(wanted.posts, wanted.authors, true, wanted.first, wanted.last));
  EXPECT_EQ(std::tuple(got.peak_hour, got.peak_posts, got.peak_authors),
            std::tuple(wanted.peak_hour, wanted.peak_posts, wanted.peak_authors));
  EXPECT_EQ(PlacesOf(got), PlacesOf(wanted));
  EXPECT_EQ(PassedOf(got), PassedOf(wanted));
}

TEST(HistoryCourse, IsCountedByHandOverRandomHistories) {
  for (std::uint64_t seed = 1; seed <= 8; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    std::mt19937_64 random(seed);
    const ScratchDir scratch;
    StoreOptions options = SmallStore(scratch / "store");
    options.history_rows_pending_max = static_cast<std::uint32_t>(20 + random() % 200);
    auto store = OpenStore(options);
    // Hours together, days apart, and decades away: what is between costs nothing.
    const int starts[] = {-23'900'000, -700'000, 0, 30, 3'000, 90'000};
    std::vector<SamplePost> rain;
    for (int batch = 0; batch < 30; ++batch) {
      std::vector<SamplePost> added;
      for (int i = 0; i < 20; ++i) {
        added.push_back({.id = std::to_string(batch) + "-" + std::to_string(i),
                         .author = std::to_string(random() % 200),
                         .minute = kNoon + starts[random() % std::size(starts)] + static_cast<int>(random() % 100),
                         .topics = {random() % 4 == 0 ? "snow" : "rain"},
                         .lang = random() % 5 == 0 ? "" : (random() % 2 == 0 ? "en" : "fr"),
                         .country = random() % 5 == 0 ? "" : (random() % 2 == 0 ? "GB" : "FR"),
                         .source = random() % 3 == 0 ? "mastodon" : "twitter"});
      }
      AppendAndIndex(*store, added);
      for (const SamplePost& post : added) {
        if (post.topics.front() != "rain") continue;
        if (random() % 10 != 0) {
          rain.push_back(post);
          continue;
        }
        const auto found = store->log().Find(KeyOf(post.source, post.id, kDefaultSalt));
        ASSERT_TRUE(found && *found);
        const auto block = store->log().AppendRetraction((*found)->position, StartOf(kNoon));
        ASSERT_TRUE(block && store->IndexBlock(**block));
      }
      if (random() % 10 == 0) {
        store.reset();
        store = OpenStore(options);
      }
      const auto got = store->history().CourseOf("rain", Minute{0}, kEver, kSteps, kAllRows);
      ASSERT_TRUE(got.has_value()) << got.error().detail;
      ExpectSame(*got, ByHand(rain));
      // And of a part.
      const Minute part = kNoon + 60;
      std::vector<SamplePost> late;
      std::ranges::copy_if(rain, std::back_inserter(late), [&](const auto& post) { return post.minute >= part; });
      if (late.empty()) continue;
      ExpectSame(store->history().CourseOf("rain", part, kEver, kSteps, kAllRows).value(), ByHand(late));
    }
    EXPECT_EQ(store->history().CourseOf("hail", Minute{0}, kEver, kSteps, kAllRows)->posts, 0U);
  }
}

TEST(HistoryCourse, SaysWhereAuthorsAreEstimated) {
  const ScratchDir scratch;
  const auto store = OpenStore(SmallStore(scratch / "store"));
  std::vector<SamplePost> posts;
  for (int i = 0; i < 3'000; ++i) {
    posts.push_back({.id = std::to_string(i), .author = std::to_string(i), .minute = kNoon + i / 1'000});
  }
  posts.push_back({.id = "early", .author = "early", .minute = kNoon - 5, .source = "mastodon"});
  AppendAndIndex(*store, posts);
  const std::vector<std::uint64_t> steps = {1, 1'500};
  const auto course = store->history().CourseOf("rain", Minute{0}, kEver, steps, kAllRows);
  ASSERT_TRUE(course.has_value());
  EXPECT_EQ(course->posts, 3'001U);
  EXPECT_FALSE(course->authors_exact);
  EXPECT_NEAR(static_cast<double>(course->authors), 3'001, 100);
  const std::vector<PassedRow> wanted = {{kNoon - 4, "", false, 1, true},
                                         {kNoon - 4, "", true, 1, true},
                                         {kNoon - 4, "mastodon", false, 1, true},
                                         {kNoon - 4, "mastodon", true, 1, true},
                                         {kNoon + 1, "twitter", false, 1, true},
                                         {kNoon + 1, "twitter", true, 1, false},
                                         {kNoon + 2, "", false, 1'500, true},
                                         {kNoon + 2, "", true, 1'500, false},
                                         {kNoon + 2, "twitter", false, 1'500, true},
                                         {kNoon + 2, "twitter", true, 1'500, false}};
  EXPECT_EQ(PassedOf(*course), wanted);
}

// Everyone posts once: an estimate may be more, but no answer says so.
TEST(HistoryCourse, NeverTellsOfMoreAuthorsThanPosts) {
  const ScratchDir scratch;
  const auto store = OpenStore(SmallStore(scratch / "store"));
  const std::vector<std::uint64_t> steps = {400, 800};
  for (int topic = 0; topic < 20; ++topic) {
    const std::string name = "topic" + std::to_string(topic);
    std::vector<SamplePost> posts;
    for (int i = 0; i < 1'000; ++i) {
      const std::string id = name + std::to_string(i);
      posts.push_back({.id = id, .author = id, .minute = kNoon + i / 200, .topics = {name}});
    }
    AppendAndIndex(*store, posts);
    const auto course = store->history().CourseOf(name, Minute{0}, kEver, steps, kAllRows);
    ASSERT_TRUE(course.has_value());
    EXPECT_FALSE(course->authors_exact);
    EXPECT_LE(course->authors, course->posts) << name;
    EXPECT_LE(course->peak_authors, course->peak_posts) << name;
    for (const auto& place : course->places) EXPECT_LE(place.authors, place.posts) << name << place.scope;
    for (const auto& passed : course->passed)
      EXPECT_GE(passed.end, kNoon + static_cast<int>(passed.count) / 200) << name;
  }
}

TEST(HistoryCourse, NamesTheTimeOfAllButAFewOfThePosts) {
  const ScratchDir scratch;
  const auto store = OpenStore(SmallStore(scratch / "store"));
  std::vector<SamplePost> posts = {{.id = "long ago", .minute = kNoon - 5'000'000}};
  for (int i = 0; i < 1'000; ++i) posts.push_back({.id = std::to_string(i), .minute = kNoon + 30 + i / 10});
  AppendAndIndex(*store, posts);
  const auto course = store->history().CourseOf("rain", Minute{0}, kEver, {}, kAllRows);
  ASSERT_TRUE(course.has_value());
  EXPECT_EQ(course->first, kNoon - 5'000'000);
  EXPECT_EQ(std::tuple(course->bulk_from, course->bulk_to), std::tuple(kNoon, kNoon + 180));
}

TEST(HistoryCourse, EndsWhereItIsTooMuchToRead) {
  const ScratchDir scratch;
  const auto store = OpenStore(SmallStore(scratch / "store"));
  std::vector<SamplePost> posts;
  for (int i = 0; i < 100; ++i)
    posts.push_back({.id = std::to_string(i), .author = std::to_string(i), .minute = kNoon + i * 6});
  AppendAndIndex(*store, posts);
  const auto course = store->history().CourseOf("rain", Minute{0}, kEver, {}, 35);
  ASSERT_TRUE(course.has_value());
  EXPECT_FALSE(course->complete);
  EXPECT_EQ(std::tuple(course->posts, course->last), std::tuple(30U, kNoon + 174));
}

}  // namespace
}  // namespace tagswell
