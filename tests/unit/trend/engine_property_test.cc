// The engine is a pure function of the stream: whatever order posts arrive in within the lateness, however they are
// batched, and wherever a checkpoint is taken and read back. And its boards equal what one counts by hand.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <memory>
#include <random>
#include <set>

#include "tests/unit/trend/saved.h"
#include "tests/unit/trend/synthetic_stream.h"
#include "trend/engine.h"

namespace tagswell {
namespace {

using std::chrono::hours;
using std::chrono::minutes;

constexpr Duration kLateness = std::chrono::seconds(30);

std::vector<OwnedPost> SeveralDays(std::uint64_t seed) {
  SyntheticStream stream(seed);
  const Timestamp end = kMonday + hours(66);
  stream.Background(kMonday, end, 10, 1'500, 3'000);
  const char* countries[] = {"FR", "DE", "US"};
  for (int i = 0; i < 10; ++i) {
    const Timestamp at = kMonday + hours(26) + minutes(stream.random()() % (36 * 60));
    const int authors = 20 + static_cast<int>(stream.random()() % 200);
    stream.Burst("News" + std::to_string(i), at, minutes(5 + stream.random()() % 90), authors, countries[i % 3]);
  }
  // The same hour every day, and one huge moment.
  for (int day = 0; day < 3; ++day) stream.Burst("Daily", kMonday + hours(24 * day + 17), minutes(40), 40, "DE");
  stream.Burst("Huge", kMonday + hours(50), minutes(30), 6'000, "US");
  return stream.Take();
}

class Replay {
 public:
  void Add(const OwnedPost& post) { engine_->Add(post.View(topics_), {}); }
  void Retract(const OwnedPost& post) { engine_->Retract(post.View(topics_)); }
  void Advance(Timestamp clock) { engine_->Advance(clock); }
  void Reload() {
    Collect();
    const std::string bytes = Saved(*engine_);
    engine_ = std::make_unique<Engine>(EngineOptions{});
    ASSERT_TRUE(engine_->Load(bytes).has_value());
  }
  void Collect() {
    for (const TrendEvent& event : engine_->TakeEvents()) events_.push_back(EventToJson(event, "e"));
  }
  std::vector<std::string> Finish(const std::vector<OwnedPost>& posts) {
    engine_->Advance(posts.back().created_at + hours(6));
    Collect();
    EXPECT_EQ(engine_->Stats().late, 0U);
    return std::move(events_);
  }
  const Engine& engine() const { return *engine_; }

 private:
  std::unique_ptr<Engine> engine_ = std::make_unique<Engine>(EngineOptions{});
  std::vector<std::string> topics_;
  std::vector<std::string> events_;
};

std::vector<std::string> InOrder(const std::vector<OwnedPost>& posts) {
  Replay run;
  for (const OwnedPost& post : posts) run.Add(post);
  return run.Finish(posts);
}

void ExpectSame(const std::vector<std::string>& expected, const std::vector<std::string>& actual) {
  EXPECT_EQ(expected.size(), actual.size());
  for (std::size_t i = 0; i < std::min(expected.size(), actual.size()); ++i)
    ASSERT_EQ(expected[i], actual[i]) << "event " << i;
}

class EngineProperty : public testing::TestWithParam<std::uint64_t> {
 protected:
  void SetUp() override { RecordProperty("seed", static_cast<int>(GetParam())); }
  std::vector<OwnedPost> posts_ = SeveralDays(GetParam());
  std::mt19937_64 random_{GetParam() * 977};
};

TEST_P(EngineProperty, GivesTheSameEventsInWhateverOrderPostsArriveWithinTheLateness) {
  const std::vector<std::string> expected = InOrder(posts_);
  EXPECT_GT(expected.size(), 20U);
  for (int round = 0; round < 2; ++round) {
    std::vector<std::pair<Timestamp, const OwnedPost*>> arrivals;
    for (const OwnedPost& post : posts_)
      arrivals.emplace_back(post.created_at + Duration{random_() % static_cast<std::uint64_t>(kLateness.count())},
                            &post);
    std::ranges::sort(arrivals, {}, [](const auto& arrival) { return std::pair(arrival.first, arrival.second); });
    Replay run;
    for (const auto& [at, post] : arrivals) run.Add(*post);
    ExpectSame(expected, run.Finish(posts_));
  }
}

TEST_P(EngineProperty, GivesTheSameEventsHoweverThePostsAreBatched) {
  const std::vector<std::string> expected = InOrder(posts_);
  Replay run;
  for (const OwnedPost& post : posts_) {
    run.Add(post);
    // A clock that is not ahead of the watermark adds nothing, and who takes the events when does not matter.
    if (random_() % 3 == 0) run.Advance(post.created_at - kLateness - Duration{random_() % 90'000});
    if (random_() % 5 == 0) run.Collect();
  }
  ExpectSame(expected, run.Finish(posts_));
}

TEST_P(EngineProperty, GivesTheSameEventsWithACheckpointAnywhere) {
  std::set<std::size_t> stops;
  for (int i = 0; i < 12; ++i) stops.insert(random_() % posts_.size());
  // Posts that are taken back, and a wall clock ahead of the stream, at the same places in both runs.
  std::map<std::size_t, std::size_t> retractions;
  for (int i = 0; i < 400; ++i) {
    const std::size_t at = random_() % posts_.size();
    retractions.emplace(at, at - std::min<std::size_t>(at, random_() % 2'000));
  }
  std::set<std::size_t> gone;
  const auto feed = [&](Replay& run, bool reload) {
    gone.clear();
    for (std::size_t i = 0; i < posts_.size(); ++i) {
      run.Add(posts_[i]);
      if (i % 911 == 0) run.Advance(posts_[i].created_at - kLateness + Duration{static_cast<int>(i % 29'000)});
      if (const auto found = retractions.find(i); found != retractions.end() && gone.insert(found->second).second)
        run.Retract(posts_[found->second]);
      if (reload && stops.contains(i)) run.Reload();
    }
  };
  Replay straight;
  feed(straight, false);
  Replay reloaded;
  feed(reloaded, true);
  for (const Window window : kWindows) {
    const auto expected = straight.engine().Top(kWorld, window, TopOrder::kAuthors, 50);
    const auto actual = reloaded.engine().Top(kWorld, window, TopOrder::kAuthors, 50);
    ASSERT_EQ(expected.size(), actual.size());
    for (std::size_t i = 0; i < expected.size(); ++i) {
      EXPECT_EQ(expected[i].topic, actual[i].topic);
      EXPECT_EQ(expected[i].authors, actual[i].authors);
    }
  }
  straight.Collect();
  reloaded.Collect();
  ExpectSame(straight.Finish(posts_), reloaded.Finish(posts_));
}

INSTANTIATE_TEST_SUITE_P(Seeds, EngineProperty, testing::Values(1, 2, 3, 4, 5));

// Counts by hand.
class Oracle {
 public:
  void Add(const OwnedPost& post) { posts_.insert(&post); }
  bool Retract(const OwnedPost& post) { return posts_.erase(&post) > 0; }

  std::vector<std::tuple<std::string, std::uint64_t, std::uint64_t>> Top(std::string_view scope, Minute end,
                                                                         Window window, TopOrder order) const {
    struct Count {
      std::uint64_t posts = 0;
      std::set<std::string> authors;
    };
    std::map<std::string, Count> counts;
    std::vector<std::string> topics;
    for (const OwnedPost* owned : posts_) {
      const Minute minute = MinuteOf(owned->created_at);
      if (minute < end - MinutesOf(window) || minute >= end) continue;
      const Post post = owned->View(topics);
      const bool in = scope == "world" || scope == "country:" + owned->country || scope == "lang:" + owned->lang ||
                      scope == "source:" + owned->source;
      if (!in) continue;
      for (const Mention& mention : post.mentions) {
        Count& count = counts[std::string(mention.topic)];
        ++count.posts;
        count.authors.insert(owned->author);
      }
    }
    std::vector<std::tuple<std::string, std::uint64_t, std::uint64_t>> rows;
    for (const auto& [topic, count] : counts) rows.emplace_back(topic, count.posts, count.authors.size());
    std::ranges::sort(rows, [order](const auto& a, const auto& b) {
      const auto count = [order](const auto& row) {
        return order == TopOrder::kPosts ? std::get<1>(row) : std::get<2>(row);
      };
      return count(a) != count(b) ? count(a) > count(b) : std::get<0>(a) < std::get<0>(b);
    });
    return rows;
  }

 private:
  std::set<const OwnedPost*> posts_;
};

TEST(EngineBoards, EqualACountByHandInEveryWindowAndScopeWhateverIsTakenBack) {
  for (std::uint64_t seed = 21; seed <= 22; ++seed) {
    SCOPED_TRACE(seed);
    SyntheticStream stream(seed);
    stream.Background(kMonday, kMonday + hours(40), 8, 800, 1'000);
    stream.Burst("Huge", kMonday + hours(20), minutes(90), 3'500, "US");
    std::vector<OwnedPost> posts = stream.Take();
    // Some come hours late: they are counted, too.
    for (std::size_t i = 500; i < posts.size(); i += 40) std::swap(posts[i], posts[i - 300]);

    Engine engine{EngineOptions{}};
    Oracle oracle;
    std::vector<std::string> topics;
    std::mt19937_64 random(seed);
    std::uint64_t retracted = 0;
    for (std::size_t i = 0; i < posts.size(); ++i) {
      engine.Add(posts[i].View(topics), {});
      oracle.Add(posts[i]);
      // Some are taken back, some of them late.
      const OwnedPost& taken = posts[i - random() % std::min<std::size_t>(i + 1, 20'000)];
      if (i % 4 == 0 && oracle.Retract(taken)) {
        engine.Retract(taken.View(topics));
        ++retracted;
      }
      if (i % (posts.size() / 5) != posts.size() / 6) continue;
      for (const Window window : kWindows) {
        for (std::size_t s = 0; s < engine.scopes().scope_count(); ++s) {
          const ScopeId scope{static_cast<std::uint16_t>(s)};
          for (const TopOrder order : {TopOrder::kPosts, TopOrder::kAuthors}) {
            const auto expected = oracle.Top(engine.scopes().Name(scope), engine.TopEnd(), window, order);
            for (const std::size_t limit : {std::size_t{3}, std::size_t{10'000}}) {
              const auto rows = engine.Top(scope, window, order, limit);
              ASSERT_EQ(rows.size(), std::min(limit, expected.size()))
                  << engine.scopes().Name(scope) << " " << Name(window);
              for (std::size_t row = 0; row < rows.size(); ++row) {
                ASSERT_EQ(std::tuple(rows[row].topic, rows[row].posts, rows[row].authors), expected[row])
                    << engine.scopes().Name(scope) << " " << Name(window);
              }
            }
          }
        }
      }
    }
    EXPECT_GT(engine.Stats().late, 100U);
    EXPECT_EQ(engine.Stats().posts, posts.size() - retracted);
  }
}

}  // namespace
}  // namespace tagswell
