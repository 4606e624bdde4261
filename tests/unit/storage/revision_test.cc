// Batches that take posts back and replace them.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>
#include <set>

#include "tests/unit/storage/sample_posts.h"
#include "tests/unit/storage/save_state.h"
#include "tests/unit/storage/scratch_dir.h"

namespace tagswell {
namespace {

using Kind = BatchChange::Kind;

// A batch written step by step.
class Script {
 public:
  Script& Add(const SamplePost& post) {
    posts_.push_back(post);
    return *this;
  }
  Script& Change(Kind kind, const std::string& id) {
    changes_.push_back({.kind = kind, .at = static_cast<std::uint32_t>(posts_.size()), .key = KeyOfSample(id)});
    return *this;
  }
  Script& Delete(const std::string& id) { return Change(Kind::kDelete, id); }
  Script& Replace(const SamplePost& post) { return Change(Kind::kReplace, post.id).Add(post); }

  PostBatch Batch() const {
    PostBatch batch = BatchOf(posts_);
    batch.changes = changes_;
    return batch;
  }

 private:
  std::vector<SamplePost> posts_;
  std::vector<BatchChange> changes_;
};

class RevisionTest : public testing::TestWithParam<std::uint32_t> {
 protected:
  RevisionTest() : options_(SmallStore(scratch_ / "store")) {
    options_.stretch_posts = GetParam();
    store_ = OpenStore(options_);
  }
  void Restart() {
    store_.reset();
    store_ = OpenStore(options_);
  }
  Revised Revise(const Script& script) {
    auto revised = store_->log().Revise(script.Batch(), StartOf(kNoon));
    if (!revised) {
      ADD_FAILURE() << revised.error().detail;
      return {};
    }
    for (const auto& block : revised->blocks) EXPECT_TRUE(store_->IndexBlock(*block).has_value());
    return *revised;
  }
  std::string AuthorOf(const std::string& id) {
    const auto found = store_->log().Find(KeyOfSample(id));
    EXPECT_TRUE(found.has_value());
    return found && *found ? std::string((*found)->record.post.author) : "";
  }
  std::uint64_t PostsOf(const std::string& topic) {
    const auto top = store_->history().Top("world", kNoon, kNoon + 1, TopBy::kPosts, 100);
    if (!top) return 0;
    const auto row = std::ranges::find(*top, topic, &TopRow::topic);
    return row == top->end() ? 0 : row->posts;
  }

  const ScratchDir scratch_;
  StoreOptions options_;
  std::unique_ptr<Store> store_;
};

TEST_P(RevisionTest, ReplacesAPostInOneBlock) {
  AppendAndIndex(*store_, {{.id = "a"}, {.id = "b"}});
  const Revised revised = Revise(Script().Replace({.id = "b", .author = "bea", .topics = {"snow"}}));
  EXPECT_EQ(revised.retracted, 1U);
  EXPECT_TRUE(revised.duplicates.empty());
  ASSERT_EQ(revised.blocks.size(), 1U);
  EXPECT_EQ(revised.blocks[0]->size(), 2U);  // whole or not at all
  for (int restart = 0; restart < 2; ++restart) {
    EXPECT_EQ(AuthorOf("b"), "bea");
    EXPECT_EQ(PostsOf("rain"), 1U);
    EXPECT_EQ(PostsOf("snow"), 1U);
    EXPECT_EQ(store_->log().PostsOf("snow", std::nullopt, 9)->size(), 1U);
    EXPECT_EQ(store_->log().PostsOf("rain", std::nullopt, 9)->size(), 1U);
    EXPECT_EQ(store_->log().PostCount(), 3U);
    Restart();
  }
}

TEST_P(RevisionTest, KnowsAnEditThatSaysNothingNew) {
  AppendAndIndex(*store_, {{.id = "a"}});
  const Script edit = Script().Replace({.id = "a", .author = "bea"});
  EXPECT_EQ(Revise(edit).retracted, 1U);
  const Revised again = Revise(edit);
  EXPECT_EQ(again.retracted, 0U);
  EXPECT_EQ(again.duplicates, std::vector<std::uint32_t>{0});
  EXPECT_TRUE(again.blocks.empty());
}

TEST_P(RevisionTest, TakesAnEditForThePostWhenItComesFirst) {
  EXPECT_EQ(Revise(Script().Replace({.id = "a", .author = "bea"})).retracted, 0U);
  EXPECT_EQ(AuthorOf("a"), "bea");
  EXPECT_EQ(AppendAndIndex(*store_, {{.id = "a"}}).block, nullptr);
}

TEST_P(RevisionTest, AppliesWhatABatchSaysInItsOrder) {
  const Revised revised = Revise(Script()
                                     .Add({.id = "a"})
                                     .Delete("a")
                                     .Delete("a")
                                     .Add({.id = "a", .author = "bea"})
                                     .Replace({.id = "a", .author = "cyd"})
                                     .Add({.id = "b"})
                                     .Delete("b"));
  EXPECT_EQ(revised.retracted, 3U);
  EXPECT_EQ(revised.unknown, 1U);
  EXPECT_EQ(AuthorOf("a"), "cyd");
  EXPECT_EQ(AuthorOf("b"), "");
  EXPECT_EQ(PostsOf("rain"), 1U);
}

TEST_P(RevisionTest, KeepsTheNewestOfTheVersionsOfAPost) {
  AppendAndIndex(*store_, {{.id = "v1"}});
  EXPECT_EQ(Revise(Script().Change(Kind::kSupersede, "v1").Add({.id = "v2"})).retracted, 1U);
  EXPECT_FALSE(Holds(*store_, "v1"));
  const Revised late = Revise(Script().Change(Kind::kYield, "v2").Add({.id = "v1"}));
  EXPECT_EQ(late.duplicates, std::vector<std::uint32_t>{0});
  EXPECT_FALSE(Holds(*store_, "v1"));
  EXPECT_EQ(PostsOf("rain"), 1U);
  EXPECT_EQ(Revise(Script().Change(Kind::kSupersede, "nobody").Add({.id = "c"})).unknown, 0U);
}

TEST_P(RevisionTest, ErasesWhatWasReplaced) {
  AppendAndIndex(*store_, {{.id = "a"}});
  Revise(Script().Replace({.id = "a", .author = "bea"}));
  ASSERT_TRUE(store_->history().Flush().has_value());
  ASSERT_TRUE(SaveState(store_->checkpoints(), BlockSeq{2}, "one").has_value());
  ASSERT_TRUE(SaveState(store_->checkpoints(), BlockSeq{2}, "two").has_value());
  EXPECT_EQ(store_->EraseRetracted(), 1U);
  for (int restart = 0; restart < 2; ++restart) {
    EXPECT_EQ(AuthorOf("a"), "bea");
    EXPECT_EQ(PostsOf("rain"), 1U);
    Restart();
  }
}

// Whatever is said in whatever order and cut into batches at any place, the store holds what a plain map would.
TEST_P(RevisionTest, AgreesWithAPlainMap) {
  const std::uint64_t seed = std::random_device{}();
  SCOPED_TRACE(seed);
  std::mt19937_64 random(seed);
  const auto below = [&](std::uint64_t bound) { return static_cast<int>(random() % bound); };
  std::map<std::string, SamplePost> expected;
  for (int round = 0; round < 60; ++round) {
    Script script;
    std::uint64_t retracted = 0;
    std::uint64_t unknown = 0;
    std::size_t duplicates = 0;
    for (int step = below(12); step >= 0; --step) {
      const SamplePost post{.id = "p" + std::to_string(below(8)),
                            .author = "a" + std::to_string(below(3)),
                            .topics = {"t" + std::to_string(below(3))}};
      const auto known = expected.find(post.id);
      switch (below(4)) {
        case 0:
          script.Delete(post.id);
          (known == expected.end() ? unknown : retracted) += 1;
          expected.erase(post.id);
          break;
        case 1:
          script.Add(post);
          if (!expected.try_emplace(post.id, post).second) ++duplicates;
          break;
        case 2: {
          script.Replace(post);
          const bool same =
              known != expected.end() && known->second.author == post.author && known->second.topics == post.topics;
          if (same) {
            ++duplicates;
          } else if (known != expected.end()) {
            ++retracted;
          }
          expected[post.id] = post;
          break;
        }
        default: {
          const std::string other = "p" + std::to_string(below(8));
          if (other == post.id) break;
          script.Change(Kind::kSupersede, other).Add(post);
          retracted += expected.erase(other);
          if (!expected.try_emplace(post.id, post).second) ++duplicates;
        }
      }
    }
    const Revised revised = Revise(script);
    ASSERT_EQ(revised.retracted, retracted) << "round " << round;
    ASSERT_EQ(revised.unknown, unknown) << "round " << round;
    ASSERT_EQ(revised.duplicates.size(), duplicates) << "round " << round;
    ASSERT_TRUE(std::ranges::is_sorted(revised.duplicates));
    if (below(10) == 0) Restart();

    std::map<std::string, std::uint64_t> posts_of;
    for (int id = 0; id < 8; ++id) {
      const std::string name = "p" + std::to_string(id);
      const auto known = expected.find(name);
      ASSERT_EQ(AuthorOf(name), known == expected.end() ? "" : known->second.author) << "round " << round;
      if (known != expected.end()) ++posts_of[known->second.topics.front()];
    }
    for (int topic = 0; topic < 3; ++topic) {
      const std::string name = "t" + std::to_string(topic);
      ASSERT_EQ(PostsOf(name), posts_of[name]) << "round " << round;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(YoungAndInFiles, RevisionTest, testing::Values(1, 3, 1000));

}  // namespace
}  // namespace tagswell
