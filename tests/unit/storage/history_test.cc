#include "storage/history.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>
#include <set>

#include "tests/unit/storage/sample_posts.h"
#include "tests/unit/storage/scratch_dir.h"

namespace tagswell {
namespace {

bool InScope(const SamplePost& post, const std::string& scope) {
  return scope == "world" || scope == "country:" + post.country || scope == "lang:" + post.lang ||
         scope == "source:" + post.source;
}

// What Top must answer, counted by hand.
std::vector<TopRow> NaiveTop(const std::map<std::string, SamplePost>& posts, const std::string& scope, Minute from,
                             Minute to, TopBy by, std::size_t limit) {
  std::map<std::string, std::pair<std::uint64_t, std::set<std::string>>> counts;
  for (const auto& [id, post] : posts) {
    if (post.minute < from || post.minute >= to || !InScope(post, scope)) continue;
    for (const std::string& topic : post.topics) {
      ++counts[topic].first;
      counts[topic].second.insert(post.author);
    }
  }
  std::vector<TopRow> rows;
  for (const auto& [topic, count] : counts) {
    rows.push_back({.topic = topic, .display = topic, .posts = count.first, .authors = count.second.size()});
  }
  std::ranges::sort(rows, [by](const TopRow& a, const TopRow& b) {
    const std::uint64_t count_a = by == TopBy::kPosts ? a.posts : a.authors;
    const std::uint64_t count_b = by == TopBy::kPosts ? b.posts : b.authors;
    return count_a != count_b ? count_a > count_b : a.topic < b.topic;
  });
  if (rows.size() > limit) rows.resize(limit);
  return rows;
}

void ExpectSame(const std::vector<TopRow>& got, const std::vector<TopRow>& expected) {
  ASSERT_EQ(got.size(), expected.size());
  for (std::size_t i = 0; i < got.size(); ++i) {
    EXPECT_EQ(got[i].topic, expected[i].topic) << i;
    EXPECT_EQ(got[i].posts, expected[i].posts) << i;
    EXPECT_EQ(got[i].authors, expected[i].authors) << i;
    EXPECT_TRUE(got[i].authors_exact);
  }
}

TEST(History, AgreesWithANaiveCountOverRandomHistories) {
  for (std::uint64_t seed = 1; seed <= 8; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    std::mt19937_64 random(seed);
    const auto one_of = [&](const std::vector<std::string>& words) { return words[random() % words.size()]; };
    const ScratchDir scratch;
    StoreOptions options = SmallStore(scratch / "store");
    options.history_rows_pending_max = static_cast<std::uint32_t>(20 + random() % 100);
    auto store = OpenStore(options);
    std::map<std::string, SamplePost> posts;
    int ids = 0;
    for (int step = 0; step < 80; ++step) {
      if (random() % 12 == 0) {
        store.reset();  // what was not flushed is folded again
        store = OpenStore(options);
      }
      if (random() % 5 == 0 && !posts.empty()) {
        const auto gone = std::next(posts.begin(), static_cast<std::ptrdiff_t>(random() % posts.size()));
        const auto found = store->log().Find(KeyOf(gone->second.source, gone->first, store->salt()));
        ASSERT_TRUE(found && *found);
        const auto block = store->log().AppendRetraction((*found)->position, StartOf(kNoon));
        ASSERT_TRUE(block.has_value());
        ASSERT_TRUE(store->IndexBlock(**block).has_value());
        posts.erase(gone);
      } else {
        std::vector<SamplePost> batch;
        for (std::uint64_t i = random() % 10; i > 0; --i) {
          SamplePost post{.id = std::to_string(ids++),
                          .author = std::to_string(random() % 8),
                          .minute = kNoon + static_cast<int>(random() % 240),
                          .lang = one_of({"en", "fr", ""}),
                          .country = one_of({"GB", "FR", ""}),
                          .source = one_of({"twitter", "mastodon"})};
          post.topics = {one_of({"rain", "sun"})};
          if (random() % 3 == 0) post.topics.push_back(one_of({"snow", "rain storm", "sunny"}));
          posts[post.id] = post;
          batch.push_back(post);
        }
        AppendAndIndex(*store, batch);
      }
      const Minute from = kNoon + static_cast<int>(random() % 200);
      const Minute to = from + static_cast<int>(1 + random() % 100);
      const std::string scope = one_of({"world", "country:FR", "lang:fr", "lang:de", "source:mastodon"});
      const TopBy by = random() % 2 == 0 ? TopBy::kPosts : TopBy::kAuthors;
      const std::size_t limit = 1 + random() % 5;
      const auto top = store->history().Top(scope, from, to, by, limit);
      ASSERT_TRUE(top.has_value()) << top.error().detail;
      ExpectSame(*top, NaiveTop(posts, scope, from, to, by, limit));

      const int step_minutes = static_cast<int>(1 + random() % 90);
      const auto steps = store->history().Steps("rain", scope, from, to, step_minutes);
      ASSERT_TRUE(steps.has_value());
      std::size_t next = 0;
      for (Minute at = from; at < to; at = at + step_minutes) {
        for (const TopRow& row : NaiveTop(posts, scope, at, std::min(at + step_minutes, to), TopBy::kPosts, 100)) {
          if (row.topic != "rain") continue;
          ASSERT_LT(next, steps->size());
          EXPECT_EQ((*steps)[next].at, StartOf(at));
          EXPECT_EQ((*steps)[next].posts, row.posts);
          EXPECT_EQ((*steps)[next].authors, row.authors);
          ++next;
        }
      }
      EXPECT_EQ(next, steps->size());
    }
  }
}

TEST(History, SaysWhenAuthorsAreAnEstimate) {
  const ScratchDir scratch;
  const auto store = OpenStore(SmallStore(scratch / "store"));
  std::vector<SamplePost> posts;
  for (int i = 0; i < 1000; ++i) posts.push_back({.id = std::to_string(i), .author = std::to_string(i)});
  AppendAndIndex(*store, posts);
  for (int flush = 0; flush < 2; ++flush) {
    const auto top = store->history().Top("world", kNoon, kNoon + 1, TopBy::kAuthors, 1);
    ASSERT_TRUE(top.has_value());
    EXPECT_EQ(top->front().posts, 1000U);
    EXPECT_FALSE(top->front().authors_exact);
    EXPECT_NEAR(static_cast<double>(top->front().authors), 1000, 30);
    ASSERT_TRUE(store->history().Flush().has_value());
  }
}

// Of a coarse minute the posts can be taken back, its authors cannot: there may be fewer posts than authors.
TEST(History, OrdersByAuthorsWhereTheyAreMoreThanThePosts) {
  const ScratchDir scratch;
  const auto store = OpenStore(SmallStore(scratch / "store"));
  std::vector<SamplePost> posts;
  for (int i = 0; i < 300; ++i) posts.push_back({.id = std::to_string(i), .author = std::to_string(i)});
  for (int i = 300; i < 350; ++i) posts.push_back({.id = std::to_string(i), .author = "a", .topics = {"snow"}});
  for (int i = 350; i < 380; ++i)
    posts.push_back({.id = std::to_string(i), .author = std::to_string(i), .topics = {"sun"}});
  AppendAndIndex(*store, posts);
  ASSERT_TRUE(store->history().Flush().has_value());
  for (int i = 0; i < 290; ++i) {
    const auto found = store->log().Find(KeyOfSample(std::to_string(i)));
    ASSERT_TRUE(found && *found);
    const auto block = store->log().AppendRetraction((*found)->position, StartOf(kNoon));
    ASSERT_TRUE(block && store->IndexBlock(**block));
  }
  for (int flush = 0; flush < 2; ++flush) {
    const auto top = store->history().Top("world", kNoon - 60, kNoon + 60, TopBy::kAuthors, 2);
    ASSERT_TRUE(top.has_value());
    ASSERT_EQ(top->size(), 2U);
    EXPECT_EQ((*top)[0].topic, "rain");
    EXPECT_EQ((*top)[0].posts, 10U);
    EXPECT_NEAR(static_cast<double>((*top)[0].authors), 300, 10);
    EXPECT_EQ((*top)[1].topic, "sun");
    EXPECT_EQ((*top)[1].authors, 30U);
    ASSERT_TRUE(store->history().Flush().has_value());
  }
}

TEST(History, ShowsTheSpellingUsedMost) {
  const ScratchDir scratch;
  const StoreOptions options = SmallStore(scratch / "store");
  auto store = OpenStore(options);
  PostBatch batch;
  int id = 0;
  for (const auto& [spelling, by_phrase] : {std::pair{"MeToo", false},
                                            {"metoo", false},
                                            {"MeToo", false},
                                            {"me too", true},
                                            {"me too", true},
                                            {"me too", true}}) {
    const std::string name = std::to_string(id++);
    Post post;
    post.id = name;
    post.source = "twitter";
    post.author = "ada";
    post.created_at = StartOf(kNoon);
    post.mentions = {{.topic = "metoo", .spelling = spelling, .by_phrase = by_phrase}};
    EncodeRecord(RecordKind::kPost, post, batch.records);
    batch.ends.push_back(static_cast<std::uint32_t>(batch.records.size()));
    batch.keys.push_back(KeyOfSample(name));
  }
  const PostBatch* const batches[] = {&batch};
  const auto appended = store->log().Append(batches, StartOf(kNoon));
  ASSERT_TRUE(appended.has_value());
  ASSERT_TRUE(store->IndexBlock(*appended->block).has_value());
  EXPECT_EQ(store->history().Display("metoo"), "MeToo");
  EXPECT_EQ(store->history().Display("unknown"), "unknown");
  store.reset();
  store = OpenStore(options);
  EXPECT_EQ(store->history().Display("metoo"), "MeToo");
  EXPECT_EQ(store->history().Top("world", kNoon, kNoon + 1, TopBy::kPosts, 1)->front().display, "MeToo");
}

TEST(History, RefusesScopesAndRangesThatAreNone) {
  const ScratchDir scratch;
  const auto store = OpenStore(SmallStore(scratch / "store"));
  for (const char* scope : {"", "moon", "country:", "city:Paris", "world:1"}) {
    const auto top = store->history().Top(scope, kNoon, kNoon + 1, TopBy::kPosts, 1);
    ASSERT_FALSE(top.has_value()) << scope;
    EXPECT_EQ(top.error().code, "bad_scope");
  }
  EXPECT_EQ(store->history().Top("world", kNoon, kNoon, TopBy::kPosts, 1).error().code, "bad_range");
  EXPECT_EQ(store->history().Steps("rain", "world", kNoon, kNoon + 1, 0).error().code, "bad_step");
  EXPECT_TRUE(store->history().Top("world", kNoon, kNoon + 1, TopBy::kPosts, 1)->empty());
}

}  // namespace
}  // namespace tagswell
