// What is dropped of a store: against a store that never held it, over seeded random histories with restarts.
#include <gtest/gtest.h>

#include <random>
#include <set>
#include <utility>

#include "storage/database.h"
#include "storage/meta_keys.h"
#include "tests/unit/storage/scratch_dir.h"
#include "tests/unit/storage/short_lived_store.h"

namespace tagswell {
namespace {

const std::vector<std::string> kTags = {"rain", "snow", "hail"};

struct Said {
  std::vector<SamplePost> posts;
  Timestamp clock;
  BlockSeq block{0};
};

class Play {
 public:
  Play(unsigned seed, bool wall, const std::filesystem::path& dir)
      : draw_(seed), wall_(wall), options_(ShortLived(dir)) {
    options_.history_rows_pending_max = 1 + Draw(40);
    store_ = OpenStore(options_);
  }

  void Days(int days) {
    for (const int end = day_ + days; day_ < end; ++day_) {
      for (std::uint32_t block = 1 + Draw(4); block > 0; --block) Say();
      if (Draw(3) == 0) TakeBack();
      if (Draw(2) == 0) CheckpointAndDrop(*store_, Now());
      if (Draw(4) == 0) Restart();
    }
  }

  void Restart() {
    store_.reset();
    store_ = OpenStore(options_);
  }

  // With a store that holds the posts of the blocks that are left and never held another.
  void Compare(const std::filesystem::path& dir) {
    const BlockSeq first = store_->log().FirstSeq();
    ASSERT_GT(first, BlockSeq{1});
    StoreOptions options = options_;
    options.dir = dir;
    options.retention = {};
    const auto oracle = OpenStore(options);
    for (const Said& said : said_) {
      std::vector<SamplePost> left;
      for (const SamplePost& post : said.posts) {
        const bool kept = said.block >= first && !gone_.contains(post.id);
        if (kept) left.push_back(post);
        EXPECT_EQ(Holds(*store_, post.id), kept) << post.id;
        if (post.minute >= Now() - kPostsDays * kDay && !gone_.contains(post.id)) {
          EXPECT_TRUE(kept) << post.id;
        }
        if (post.minute < Now() - (kPostsDays + 4) * kDay) {
          EXPECT_FALSE(kept) << post.id;
        }
      }
      if (!left.empty()) AppendAndIndex(*oracle, left, said.clock);
    }
    const Minute since = store_->history().Start();
    EXPECT_GE(since, Now() - 4 * kDay);
    for (const std::string& tag : kTags) {
      EXPECT_EQ(IdsOf(*store_, tag), IdsOf(*oracle, tag)) << tag;
      EXPECT_EQ(FirstIdsOf(*store_, tag), FirstIdsOf(*oracle, tag)) << tag;
      const auto steps = store_->history().Steps(tag, "world", since, Now() + kDay, 60);
      const auto wanted = oracle->history().Steps(tag, "world", since, Now() + kDay, 60);
      ASSERT_TRUE(steps && wanted);
      ASSERT_EQ(steps->size(), wanted->size()) << tag;
      for (std::size_t i = 0; i < steps->size(); ++i) {
        EXPECT_EQ((*steps)[i].at, (*wanted)[i].at);
        EXPECT_EQ((*steps)[i].posts, (*wanted)[i].posts);
        EXPECT_EQ((*steps)[i].authors, (*wanted)[i].authors);
      }
      EXPECT_TRUE(store_->history().Steps(tag, "world", kNoon - kDay, since, 60)->empty());
    }
    const auto top = store_->history().Top("world", kNoon - kDay, Now() + kDay, TopBy::kPosts, 10);
    const auto wanted = oracle->history().Top("world", since, Now() + kDay, TopBy::kPosts, 10);
    ASSERT_TRUE(top && wanted);
    ASSERT_EQ(top->size(), wanted->size());
    for (std::size_t i = 0; i < top->size(); ++i) EXPECT_EQ((*top)[i].posts, (*wanted)[i].posts);
  }

  Minute Now() const { return kNoon + day_ * kDay; }
  Store& store() { return *store_; }

 private:
  std::uint32_t Draw(std::uint32_t below) { return static_cast<std::uint32_t>(draw_() % below); }

  void Say() {
    Said said{.posts = {}, .clock = wall_ ? StartOf(Now()) : kTimestampMin, .block = BlockSeq{0}};
    for (std::uint32_t posts = 1 + Draw(4); posts > 0; --posts) {
      said.posts.push_back({.id = std::to_string(next_++),
                            .author = "author " + std::to_string(Draw(9)),
                            .minute = Now() - static_cast<int>(Draw(kDay / 2)),
                            .topics = {kTags[Draw(3)]}});
    }
    const Appended appended = AppendAndIndex(*store_, said.posts, said.clock);
    ASSERT_NE(appended.block, nullptr);
    said.block = appended.block->seq;
    said_.push_back(std::move(said));
  }

  void TakeBack() {
    const std::string id = std::to_string(Draw(static_cast<std::uint32_t>(next_)));
    const auto found = store_->log().Find(KeyOfSample(id));
    ASSERT_TRUE(found.has_value());
    if (!*found) return;
    const auto block = store_->log().AppendRetraction((*found)->position, wall_ ? StartOf(Now()) : kTimestampMin);
    ASSERT_TRUE(block && store_->IndexBlock(**block));
    gone_.insert(id);
  }

  std::mt19937 draw_;
  const bool wall_;
  StoreOptions options_;
  std::unique_ptr<Store> store_;
  int day_ = 0;
  int next_ = 0;
  std::vector<Said> said_;
  std::set<std::string> gone_;
};

class Retained : public testing::TestWithParam<bool> {};

TEST_P(Retained, AnswersAsAStoreThatNeverHeldWhatWasDropped) {
  for (unsigned seed = 1; seed <= 3; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    const ScratchDir scratch;
    Play play(seed, GetParam(), scratch / "store");
    play.Days(40);
    for (int i = 0; i < 9; ++i) CheckpointAndDrop(play.store(), play.Now());
    play.Compare(scratch / "before");
    play.Restart();
    play.Compare(scratch / "after");
    play.Days(20);
    for (int i = 0; i < 9; ++i) CheckpointAndDrop(play.store(), play.Now());
    play.Restart();
    play.Compare(scratch / "later");
    if (HasFatalFailure()) return;
  }
}

TEST_P(Retained, PassesTheCheckOfTheWholeStore) {
  const ScratchDir scratch;
  {
    Play play(77, GetParam(), scratch / "store");
    play.Days(40);
    CheckpointAndDrop(play.store(), play.Now());
    ASSERT_GT(play.store().log().FirstSeq(), BlockSeq{1});
  }
  EXPECT_EQ(Damage(scratch / "store"), std::vector<std::string>());
  BlockSeq first{0};
  {
    const auto store = OpenStore(ShortLived(scratch / "store"));
    first = store->log().FirstSeq();
  }
  {
    auto database = Database::Open(SmallStore(scratch / "store"));
    rocksdb::WriteBatch batch;
    batch.Delete((*database)->family(Family::kLog), BlockKey(Next(first)));
    ASSERT_TRUE((*database)->Write(batch, true).has_value());
  }
  EXPECT_FALSE(Damage(scratch / "store").empty());
}

INSTANTIATE_TEST_SUITE_P(ByTheWallAndByEvents, Retained, testing::Bool());

}  // namespace
}  // namespace tagswell
