#include "trend/topic_cell.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <set>

#include "proto/window.h"
#include "tests/unit/trend/saved.h"

namespace tagswell {
namespace {

struct NaivePost {
  std::uint64_t author;
  int minute;
  ComboId combo;
};

class CellAndList {
 public:
  explicit CellAndList(std::uint64_t seed) : random_(seed) {
    for (const char* country : {"", "FR", "DE", "US"}) {
      for (const char* lang : {"", "fr", "en"}) {
        for (const char* source : {"mastodon", "twitter"}) combos_.push_back(scopes_.ComboOf(lang, country, source));
      }
    }
  }

  void Step(unsigned authors) {
    if (random_() % 3 == 0) now_ += static_cast<int>(random_() % 12);
    const int late = random_() % 6 == 0 ? static_cast<int>(random_() % 1'400) : static_cast<int>(random_() % 2);
    const NaivePost post{random_() % authors * 0x9E3779B97F4A7C15 + 1, now_ - late,
                         combos_[random_() % combos_.size()]};
    cell_.Add(post.author, Minute{post.minute}, post.combo, scopes_);
    posts_.push_back(post);
  }

  void RemoveOne() {
    std::erase_if(posts_, [this](const NaivePost& post) { return post.minute <= now_ - kWindowMinutesMax; });
    if (posts_.empty()) return;
    const std::size_t at = random_() % posts_.size();
    cell_.Remove(posts_[at].author, Minute{posts_[at].minute}, posts_[at].combo, scopes_);
    posts_.erase(posts_.begin() + static_cast<std::ptrdiff_t>(at));
  }

  void Expire() {
    EXPECT_EQ(cell_.Expire(Minute{now_ + 1 - kWindowMinutesMax}), Posts(kWorld, kWindowMinutesMax) == 0);
  }
  void Promote() { cell_.Promote(scopes_); }

  void Reload() {
    const std::string bytes = Saved(cell_);
    TopicCell loaded;
    StateReader in(bytes);
    loaded.Load(in);
    EXPECT_TRUE(in.ok() && in.AtEnd());
    EXPECT_EQ(loaded.busy(), cell_.busy());
    cell_ = std::move(loaded);
  }

  void Compare() const {
    for (std::size_t i = 0; i < scopes_.scope_count(); ++i) {
      const ScopeId scope{static_cast<std::uint16_t>(i)};
      const ScopeFilter filter(scopes_, scope);
      for (const Window window : kWindows) {
        const int minutes = MinutesOf(window);
        const Minute from{now_ + 1 - minutes};
        ASSERT_EQ(cell_.Posts(filter, from), Posts(scope, minutes)) << scopes_.Name(scope) << " " << Name(window);
        ASSERT_EQ(cell_.Authors(filter, from), Authors(scope, minutes)) << scopes_.Name(scope) << " " << Name(window);
      }
    }
  }

  bool busy() const { return cell_.busy(); }

 private:
  bool In(const NaivePost& post, ScopeId scope, int minutes) const {
    const auto in = scopes_.ScopesOf(post.combo);
    return post.minute > now_ - minutes && std::ranges::find(in, scope) != in.end();
  }
  std::uint64_t Posts(ScopeId scope, int minutes) const {
    return static_cast<std::uint64_t>(
        std::ranges::count_if(posts_, [&](const NaivePost& post) { return In(post, scope, minutes); }));
  }
  std::uint64_t Authors(ScopeId scope, int minutes) const {
    std::set<std::uint64_t> authors;
    for (const NaivePost& post : posts_) {
      if (In(post, scope, minutes)) authors.insert(post.author);
    }
    return authors.size();
  }

  std::mt19937_64 random_;
  ScopeTable scopes_;
  std::vector<ComboId> combos_;
  TopicCell cell_;
  std::vector<NaivePost> posts_;
  int now_ = 2'000'000;
};

TEST(TopicCell, EqualsAListOfPostsWhileQuiet) {
  for (std::uint64_t seed = 1; seed <= 8; ++seed) {
    SCOPED_TRACE(seed);
    CellAndList both(seed);
    for (int step = 0; step < 300; ++step) {
      both.Step(12);
      if (step % 7 == 0) both.RemoveOne();
      if (step % 31 == 0) both.Expire();
      if (step % 43 == 0) both.Reload();
      if (step % 5 == 0) both.Compare();
      if (testing::Test::HasFatalFailure()) return;
    }
    EXPECT_FALSE(both.busy());
  }
}

TEST(TopicCell, EqualsAListOfPostsAfterItBecameBusy) {
  for (std::uint64_t seed = 1; seed <= 4; ++seed) {
    SCOPED_TRACE(seed);
    CellAndList both(seed);
    for (int step = 0; step < 3'000; ++step) {
      both.Step(300);
      if (step == 20) both.Promote();
      if (step % 97 == 0) both.Expire();
      if (step % 143 == 0) both.Reload();
      if (step % 50 == 0) both.Compare();
      if (testing::Test::HasFatalFailure()) return;
    }
    EXPECT_TRUE(both.busy());
  }
}

TEST(TopicCell, TakesPostsBackExactlyWhenBusy) {
  for (std::uint64_t seed = 1; seed <= 4; ++seed) {
    SCOPED_TRACE(seed);
    CellAndList both(seed);
    for (int step = 0; step < 2'000; ++step) {
      both.Step(60);
      if (step == 40) both.Promote();
      if (step % 4 == 0) both.RemoveOne();
      if (step % 97 == 0) both.Expire();
      if (step % 143 == 0) both.Reload();
      if (step % 20 == 0) both.Compare();
      if (testing::Test::HasFatalFailure()) return;
    }
  }
}

TEST(TopicCell, CountsOneAuthorWhoPostsMoreThanAShortCanHold) {
  ScopeTable scopes;
  const ComboId combo = scopes.ComboOf("fr", "FR", "twitter");
  TopicCell cell;
  for (int i = 0; i < 70'000; ++i) cell.Add(42, Minute{1'000}, combo, scopes);
  const ScopeFilter world(scopes, kWorld);
  EXPECT_EQ(cell.Posts(world, Minute{1'000}), 70'000U);
  EXPECT_EQ(cell.Authors(world, Minute{1'000}), 1U);
  EXPECT_LE(cell.hits().size(), 2U);
  cell.Promote(scopes);
  EXPECT_EQ(cell.Posts(world, Minute{1'000}), 70'000U);
}

TEST(TopicCell, IsQuietAgainAfterADayOfSilence) {
  ScopeTable scopes;
  const ComboId combo = scopes.ComboOf("", "FR", "");
  TopicCell cell;
  cell.Add(1, Minute{1'000}, combo, scopes);
  cell.Promote(scopes);
  EXPECT_FALSE(cell.Expire(Minute{1'000}));
  EXPECT_TRUE(cell.Expire(Minute{1'001}));
  EXPECT_FALSE(cell.busy());
  cell.Add(2, Minute{3'000}, combo, scopes);
  EXPECT_EQ(cell.Authors(ScopeFilter(scopes, kWorld), Minute{0}), 1U);
}

}  // namespace
}  // namespace tagswell
