#include "server/pipeline/topic_blocks.h"

#include <gtest/gtest.h>

namespace tagswell {
namespace {

constexpr Timestamp kThen{std::chrono::seconds{1'508'098'905}};

void Say(TopicBlocks& blocks, const BlockCall& call) {
  const auto change = blocks.Plan(call, kThen);
  ASSERT_TRUE(change && *change);
  blocks.Apply(**change);
}

void Configure(TopicBlocks& blocks, const std::vector<std::string>& topics, std::size_t changes) {
  const auto planned = blocks.PlanConfigured(topics, kThen);
  EXPECT_EQ(planned.size(), changes);
  for (const BlockChange& change : planned) blocks.Apply(change);
}

TEST(TopicBlocks, TellWhatACallChanges) {
  TopicBlocks blocks;
  EXPECT_EQ(blocks.Plan({.topic = "spam", .lift = true}, kThen).error().code, "not_found");
  Say(blocks, {.topic = "spam", .by = "ops"});
  const auto block = blocks.Find("spam");
  ASSERT_TRUE(block);
  EXPECT_EQ(block->since, kThen);
  EXPECT_EQ(block->by, "ops");
  EXPECT_FALSE(block->configured);
  // Again, by somebody else: it stands so already.
  const auto again = blocks.Plan({.topic = "spam", .by = "other"}, kThen + std::chrono::hours(1));
  ASSERT_TRUE(again);
  EXPECT_FALSE(*again);
  Say(blocks, {.topic = "spam", .lift = true});
  EXPECT_FALSE(blocks.Find("spam"));
  EXPECT_TRUE(blocks.All().empty());
}

TEST(TopicBlocks, FollowTheConfigurationFromStartToStart) {
  TopicBlocks blocks;
  Say(blocks, {.topic = "called", .by = "ops"});
  Say(blocks, {.topic = "both", .by = "ops"});
  Configure(blocks, {"both", "nsfw", ""}, 2);
  Configure(blocks, {"both", "nsfw"}, 0);
  EXPECT_TRUE(blocks.Find("both")->configured);
  EXPECT_TRUE(blocks.Find("nsfw")->configured);
  EXPECT_EQ(blocks.Plan({.topic = "nsfw", .lift = true}, kThen).error().code, "blocked_by_configuration");
  EXPECT_FALSE(*blocks.Plan({.topic = "nsfw"}, kThen));

  Configure(blocks, {"both"}, 1);
  EXPECT_FALSE(blocks.Find("nsfw"));
  Configure(blocks, {}, 1);
  ASSERT_EQ(blocks.All().size(), 1U);
  EXPECT_EQ(blocks.Find("called")->by, "ops");
}

TEST(TopicBlocks, AreBounded) {
  TopicBlocks blocks;
  for (std::size_t i = 0; i < TopicBlocks::kTopicsMax; ++i) Say(blocks, {.topic = "t" + std::to_string(i)});
  EXPECT_EQ(blocks.Plan({.topic = "one more"}, kThen).error().code, "too_many_blocks");
  EXPECT_TRUE(blocks.Plan({.topic = "t7"}, kThen));
  Say(blocks, {.topic = "t7", .lift = true});
  EXPECT_TRUE(blocks.Plan({.topic = "one more"}, kThen));
}

}  // namespace
}  // namespace tagswell
