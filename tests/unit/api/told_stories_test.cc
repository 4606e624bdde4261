#include "server/api/told_stories.h"

#include <gtest/gtest.h>

#include "tests/unit/storage/sample_posts.h"
#include "tests/unit/storage/scratch_dir.h"

namespace tagswell {
namespace {

constexpr Timestamp kNow = StartOf(kNoon);

// A second goes by whenever it is looked at: telling takes one, and so all is kept.
class SlowClock final : public Clock {
 public:
  Timestamp Now() const override { return now_ += std::chrono::seconds(1); }
  void Skip(Duration time) { now_ += time; }

 private:
  mutable Timestamp now_{};
};

class ToldStoriesTest : public testing::Test {
 protected:
  ToldStoriesTest() : store_(OpenStore(SmallStore(scratch_ / "store"))) {}

  ToldStories::Story Ask() {
    auto story = stories_.Of(*store_, groups_, "rain", events_, kNow);
    EXPECT_TRUE(story.has_value());
    return std::move(*story);
  }

  void Retract(const std::string& id) {
    const auto found = store_->log().Find(KeyOf("twitter", id, store_->salt()));
    ASSERT_TRUE(found && *found);
    const auto block = store_->log().AppendRetraction((*found)->position, kNow);
    ASSERT_TRUE(block && store_->IndexBlock(**block));
  }

  const ScratchDir scratch_;
  const std::unique_ptr<Store> store_;
  const std::shared_ptr<SlowClock> clock_ = std::make_shared<SlowClock>();
  std::shared_ptr<const AliasGroups> groups_ = std::make_shared<AliasGroups>();
  TopicEvents events_;
  ToldStories stories_{{1, 3, 5}, clock_};
};

TEST_F(ToldStoriesTest, KeepsAStoryUntilItsTopicGrowsAndForAWhileThen) {
  AppendAndIndex(*store_, {{.id = "1"}, {.id = "2"}, {.id = "3", .topics = {"sun"}}});
  const auto first = Ask();
  EXPECT_EQ(first.told->posts, 2U);
  EXPECT_EQ(first.told->course.passed.size(), 4U);  // a post and an author, in all and on twitter
  clock_->Skip(std::chrono::hours(1));
  AppendAndIndex(*store_, {{.id = "4", .topics = {"sun"}}});
  EXPECT_EQ(Ask().told, first.told);

  AppendAndIndex(*store_, {{.id = "5"}});
  EXPECT_EQ(Ask().told->posts, 3U);  // an hour old
  AppendAndIndex(*store_, {{.id = "6"}});
  const auto young = Ask();
  EXPECT_EQ(young.told->posts, 3U);
  EXPECT_EQ(young.as_of, kNow);
  clock_->Skip(std::chrono::seconds(20));
  EXPECT_EQ(Ask().told->posts, 4U);
  EXPECT_FALSE(Ask().as_of);
}

TEST_F(ToldStoriesTest, TellsAnewOnceAPostOfItIsTakenBack) {
  AppendAndIndex(*store_, {{.id = "1"}, {.id = "2"}, {.id = "3", .topics = {"sun"}}});
  const auto first = Ask();
  Retract("3");
  EXPECT_EQ(Ask().told, first.told);
  Retract("1");
  EXPECT_EQ(Ask().told->posts, 1U);
  EXPECT_EQ(Ask().told->first->id, "2");
}

TEST_F(ToldStoriesTest, TellsAnewWhatWasToldWhileTheIndexWasBehind) {
  AppendAndIndex(*store_, {{.id = "1"}, {.id = "2"}});
  const auto found = store_->log().Find(KeyOf("twitter", "1", store_->salt()));
  ASSERT_TRUE(found && *found);
  const auto block = store_->log().AppendRetraction((*found)->position, kNow);
  ASSERT_TRUE(block.has_value());
  EXPECT_EQ(Ask().told->course.posts, 2U);
  ASSERT_TRUE(store_->IndexBlock(**block));
  EXPECT_TRUE(Ask().as_of);
  clock_->Skip(std::chrono::hours(1));
  EXPECT_EQ(Ask().told->course.posts, 1U);
  EXPECT_FALSE(Ask().as_of);
}

TEST_F(ToldStoriesTest, TellsAnewWhenMoreWasTakenBackThanIsRemembered) {
  std::vector<SamplePost> posts = {{.id = "rain"}};
  for (std::size_t i = 0; i <= RecentRetractions::kMax; ++i)
    posts.push_back({.id = std::to_string(i), .topics = {"sun"}});
  AppendAndIndex(*store_, posts);
  const auto first = Ask();
  for (std::size_t i = 0; i <= RecentRetractions::kMax; ++i) Retract(std::to_string(i));
  EXPECT_NE(Ask().told, first.told);
}

TEST_F(ToldStoriesTest, TellsAnewWhenAliasesOrTrendsChange) {
  AppendAndIndex(*store_, {{.id = "1"}});
  const auto first = Ask();
  groups_ = std::make_shared<AliasGroups>();
  const auto second = Ask();
  EXPECT_NE(second.told, first.told);
  events_.trends.push_back({.scope = "world", .started_at = kNow});
  EXPECT_NE(Ask().told, second.told);
}

}  // namespace
}  // namespace tagswell
