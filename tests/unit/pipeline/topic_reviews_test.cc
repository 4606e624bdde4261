#include "server/pipeline/topic_reviews.h"

#include <gtest/gtest.h>

namespace tagswell {
namespace {

constexpr Timestamp kThen{std::chrono::seconds{1'508'098'905}};

void Say(TopicReviews& reviews, const ReviewCall& call) {
  const auto change = reviews.Plan(call, kThen);
  ASSERT_TRUE(change && *change);
  reviews.Apply(**change);
}

TEST(TopicReviews, TellWhatACallChanges) {
  TopicReviews reviews;
  EXPECT_EQ(reviews.Plan({.topic = "spam", .approve = {}}, kThen).error().code, "not_found");
  Say(reviews, {.topic = "spam", .approve = false, .by = "ops"});
  EXPECT_EQ(reviews.StateOf("spam"), ReviewState::kRejected);
  EXPECT_EQ(reviews.Find("spam")->by, "ops");
  EXPECT_EQ(reviews.Find("spam")->since, kThen);
  // Again, by somebody else: it stands so already. The opposite does not.
  EXPECT_FALSE(*reviews.Plan({.topic = "spam", .approve = false, .by = "other"}, kThen));
  Say(reviews, {.topic = "spam", .approve = true, .by = "other"});
  EXPECT_EQ(reviews.StateOf("spam"), ReviewState::kShown);
  EXPECT_EQ(reviews.Find("spam")->by, "other");
  Say(reviews, {.topic = "spam", .approve = {}});
  EXPECT_FALSE(reviews.Find("spam"));
}

TEST(TopicReviews, FollowTheConfiguration) {
  TopicReviews reviews;
  EXPECT_FALSE(reviews.PlanConfigured(false, kThen));
  EXPECT_EQ(reviews.StateOf("rain"), ReviewState::kShown);
  Say(reviews, {.topic = "good", .approve = true});
  Say(reviews, {.topic = "bad", .approve = false});
  const auto on = reviews.PlanConfigured(true, kThen);
  ASSERT_TRUE(on);
  reviews.Apply(*on);
  EXPECT_FALSE(reviews.PlanConfigured(true, kThen));
  EXPECT_EQ(reviews.StateOf("rain"), ReviewState::kWaiting);
  EXPECT_EQ(reviews.StateOf("good"), ReviewState::kShown);
  EXPECT_EQ(reviews.StateOf("bad"), ReviewState::kRejected);
  const auto off = reviews.PlanConfigured(false, kThen);
  ASSERT_TRUE(off);
  reviews.Apply(*off);
  EXPECT_EQ(reviews.StateOf("rain"), ReviewState::kShown);
  EXPECT_EQ(reviews.StateOf("bad"), ReviewState::kRejected);
}

TEST(TopicReviews, ArePagedByTopic) {
  TopicReviews reviews;
  for (const char* topic : {"a", "b", "c", "d", "e"})
    Say(reviews, {.topic = topic, .approve = std::string(topic) != "c"});
  const auto names = [&](bool approved, std::string_view after, std::size_t limit) {
    std::string of;
    for (const auto& [topic, review] : reviews.Page(approved, after, limit)) of += topic;
    return of;
  };
  EXPECT_EQ(names(true, "", 10), "abde");
  EXPECT_EQ(names(true, "", 2), "ab");
  EXPECT_EQ(names(true, "b", 2), "de");
  EXPECT_EQ(names(true, "e", 2), "");
  EXPECT_EQ(names(false, "", 10), "c");
}

TEST(TopicReviews, AreBounded) {
  TopicReviews reviews;
  for (std::size_t i = 0; i < TopicReviews::kTopicsMax; ++i)
    Say(reviews, {.topic = "t" + std::to_string(i), .approve = true});
  EXPECT_EQ(reviews.Plan({.topic = "one more", .approve = true}, kThen).error().code, "too_many_reviews");
  EXPECT_TRUE(reviews.Plan({.topic = "t7", .approve = false}, kThen));
  Say(reviews, {.topic = "t7", .approve = {}});
  EXPECT_TRUE(reviews.Plan({.topic = "one more", .approve = true}, kThen));
}

}  // namespace
}  // namespace tagswell
