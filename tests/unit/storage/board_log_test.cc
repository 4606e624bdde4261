#include "storage/board_log.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/unit/storage/sample_posts.h"
#include "tests/unit/storage/scratch_dir.h"

namespace tagswell {
namespace {

TrendRow RowOf(std::string_view topic, std::string_view scope, std::uint32_t rank) {
  TrendRow row;
  row.state.topic = topic;
  row.state.scope = scope;
  row.state.rank = rank;
  row.state.score = 1.5 * rank;
  row.state.time = row.peak_at = StartOf(kNoon);
  row.state.why = {
      .baseline = "own_past", .interval_minutes = 15, .posts = 7, .authors = 6.5, .suppressions = {{"x", 2}}};
  row.peak_authors_1h = 12;
  if (rank == 1) row.first_since = StartOf(kNoon - 3);
  return row;
}

Post PostOf(std::string_view topic, Minute at) {
  Post post;
  post.id = "1";
  post.source = "twitter";
  post.country = "FR";
  post.created_at = StartOf(at);
  post.mentions = {{topic, topic}};
  return post;
}

TEST(BoardLog, GivesBackWhatWasShownInThatMinuteAndScope) {
  const ScratchDir scratch;
  const StoreOptions options = SmallStore(scratch / "store");
  auto store = OpenStore(options);
  const std::vector<TrendRow> rows = {RowOf("a", "world", 1), RowOf("b", "world", 2)};
  store->boards().Add("world", kNoon, rows);
  store->boards().Add("world", kNoon + 1, std::vector{RowOf("b", "world", 1)});
  store->boards().Add("country:FR", kNoon, std::vector{RowOf("c", "country:FR", 1)});
  EXPECT_TRUE(store->boards().At("world", kNoon)->empty());  // not written yet
  ASSERT_TRUE(store->boards().Write().has_value());
  store.reset();
  store = OpenStore(options);
  const auto board = store->boards().At("world", kNoon);
  ASSERT_TRUE(board.has_value());
  ASSERT_EQ(board->size(), 2U);
  for (std::size_t i = 0; i < 2; ++i) {
    const TrendRow& row = (*board)[i];
    EXPECT_EQ(EncodeEvent(row.state), EncodeEvent(rows[i].state));
    EXPECT_EQ(row.peak_at, rows[i].peak_at);
    EXPECT_EQ(row.peak_authors_1h, rows[i].peak_authors_1h);
    EXPECT_EQ(row.first_since, rows[i].first_since);
  }
  EXPECT_EQ(store->boards().At("world", kNoon + 1)->at(0).state.topic, "b");
  EXPECT_EQ(store->boards().At("country:FR", kNoon)->at(0).state.scope, "country:FR");
  EXPECT_TRUE(store->boards().At("country:FR", kNoon + 1)->empty());
  EXPECT_TRUE(store->boards().At("country:F", kNoon)->empty());
}

TEST(BoardLog, KeepsWhatWasShownWhenTheLogIsFoldedAgain) {
  const ScratchDir scratch;
  const StoreOptions options = SmallStore(scratch / "store");
  auto store = OpenStore(options);
  store->boards().Add("world", kNoon, std::vector{RowOf("shown", "world", 1)});
  store->boards().Add("country:FR", kNoon, std::vector{RowOf("shown", "country:FR", 1)});
  ASSERT_TRUE(store->boards().Write().has_value());
  store.reset();
  store = OpenStore(options);
  store->boards().Add("world", kNoon - 1, std::vector{RowOf("other", "world", 1)});
  store->boards().Add("world", kNoon, std::vector{RowOf("other", "world", 1)});
  store->boards().Add("world", kNoon + 1, std::vector{RowOf("next", "world", 1)});
  store->boards().Add("country:FR", kNoon + 1, std::vector{RowOf("next", "country:FR", 1)});
  ASSERT_TRUE(store->boards().Write().has_value());
  EXPECT_TRUE(store->boards().At("world", kNoon - 1)->empty());
  EXPECT_EQ(store->boards().At("world", kNoon)->at(0).state.topic, "shown");
  EXPECT_EQ(store->boards().At("world", kNoon + 1)->at(0).state.topic, "next");
  EXPECT_EQ(store->boards().At("country:FR", kNoon + 1)->at(0).state.topic, "next");
}

TEST(BoardLog, CountsWhatABoardShowedAndIsGoneSince) {
  const ScratchDir scratch;
  const auto store = OpenStore(SmallStore(scratch / "store"));
  BoardLog& boards = store->boards();
  const auto gone = [&](std::string_view scope, Minute at) {
    return boards.TakenBackSince(scope, "a", at - 60, at).value_or(99);
  };
  // Of 11:50, taken back when the boards up to noon had been shown; and one of another topic whose name begins alike.
  boards.AddTakenBack(PostOf("a", kNoon - 10), kNoon, {.block = BlockSeq{7}, .index = 0});
  boards.AddTakenBack(PostOf("ab", kNoon - 10), kNoon, {.block = BlockSeq{7}, .index = 1});
  ASSERT_TRUE(boards.Write().has_value());
  EXPECT_EQ(gone("world", kNoon), 1U);
  EXPECT_EQ(gone("country:FR", kNoon - 9), 1U);
  EXPECT_EQ(gone("source:twitter", kNoon), 1U);
  EXPECT_EQ(gone("country:DE", kNoon), 0U);
  EXPECT_EQ(gone("world", kNoon - 10), 0U);  // the post was not there yet
  EXPECT_EQ(gone("world", kNoon + 1), 0U);   // made after it had gone
  // Told again after a restart, and a second one.
  boards.AddTakenBack(PostOf("a", kNoon - 10), kNoon, {.block = BlockSeq{7}, .index = 0});
  boards.AddTakenBack(PostOf("a", kNoon - 10), kNoon + 5, {.block = BlockSeq{8}, .index = 0});
  ASSERT_TRUE(boards.Write().has_value());
  EXPECT_EQ(gone("world", kNoon), 2U);
  EXPECT_EQ(gone("world", kNoon + 5), 1U);
  EXPECT_EQ(boards.TakenBackSince("world", "a", kNoon - 9, kNoon).value_or(99), 0U);
}

}  // namespace
}  // namespace tagswell
