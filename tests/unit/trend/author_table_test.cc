#include "trend/author_table.h"

#include <gtest/gtest.h>

#include <map>
#include <random>
#include <set>
#include <utility>

#include "proto/window.h"
#include "tests/unit/trend/saved.h"

namespace tagswell {
namespace {

class TableAndMap {
 public:
  explicit TableAndMap(std::uint64_t seed) : random_(seed) {}

  void Step(unsigned authors, unsigned places) {
    if (random_() % 4 == 0) now_ += static_cast<int>(random_() % 8);
    if (random_() % 400 == 0) now_ += static_cast<int>(random_() % 3'000);
    const std::uint64_t author = (random_() % authors + 1) * 0x9E3779B97F4A7C15;
    const std::size_t place = random_() % places;
    const int minute = now_ - static_cast<int>(random_() % 10 == 0 ? random_() % 1'300 : 0);
    const std::uint32_t posts = random_() % 5 == 0 ? 3 : 1;
    table_.Add(author, place, Minute{minute}, posts);
    for (std::uint32_t i = 0; i < posts; ++i) naive_[{author, place}].insert(minute);
  }

  void Remove() {
    if (naive_.empty()) return;
    auto at = naive_.begin();
    std::advance(at, static_cast<std::ptrdiff_t>(random_() % naive_.size()));
    std::multiset<int>& minutes = at->second;
    auto post = minutes.begin();
    std::advance(post, static_cast<std::ptrdiff_t>(random_() % minutes.size()));
    table_.Remove(at->first.first, at->first.second, Minute{*post});
    minutes.erase(post);
    if (minutes.empty()) naive_.erase(at);
  }

  void Expire() {
    const int oldest = now_ + 1 - kWindowMinutesMax;
    table_.Expire(Minute{oldest});
    for (auto& [who, minutes] : naive_) minutes.erase(minutes.begin(), minutes.lower_bound(oldest));
    std::erase_if(naive_, [](const auto& entry) { return entry.second.empty(); });
    EXPECT_EQ(table_.size(), naive_.size());
  }

  void Reload() {
    const std::string bytes = Saved(table_);
    table_ = {};
    StateReader in(bytes);
    table_.Load(in);
    EXPECT_TRUE(in.ok() && in.AtEnd());
  }

  void Compare() const {
    for (const int window : {1, 60, 720, kWindowMinutesMax}) {
      const Minute from{now_ + 1 - window};
      for (const std::size_t step : {std::size_t{1}, std::size_t{2}, std::size_t{3}}) {
        const auto has = [step](std::size_t place) { return place % step == 0; };
        std::set<std::uint64_t> expected;
        for (const auto& [who, minutes] : naive_) {
          if (*minutes.rbegin() >= static_cast<int>(from) && has(who.second)) expected.insert(who.first);
        }
        ASSERT_EQ(table_.Count(from, has), expected.size()) << "window " << window << " every " << step;
      }
    }
  }

 private:
  std::mt19937_64 random_;
  AuthorTable table_;
  std::map<std::pair<std::uint64_t, std::size_t>, std::multiset<int>> naive_;  // minutes of posts
  int now_ = 900'000;
};

TEST(AuthorTable, EqualsAMap) {
  for (std::uint64_t seed = 1; seed <= 12; ++seed) {
    SCOPED_TRACE(seed);
    TableAndMap both(seed);
    const unsigned authors = seed % 3 == 0 ? 4'000 : 40;
    for (int step = 0; step < 4'000; ++step) {
      both.Step(authors, seed % 2 == 0 ? 1 : 5);
      if (step % 3 == 0) both.Remove();
      if (step % 173 == 0) both.Expire();
      if (step % 311 == 0) both.Reload();
      if (step % 40 == 0) both.Compare();
      if (testing::Test::HasFatalFailure()) return;
    }
  }
}

TEST(AuthorTable, WeighsAtMostThirtyBytesAnAuthor) {
  std::mt19937_64 random(1);
  AuthorTable table;
  for (int i = 0; i < 30'000; ++i) {
    table.Add(random(), 0, Minute{1'000});
    if (i > 100) {
      ASSERT_LE(table.memory_bytes(), table.size() * 30);
    }
  }
}

TEST(AuthorTable, KeepsAnAuthorWhoseOtherPostsItCouldNotKeep) {
  constexpr std::uint64_t kAuthor = 0x9E3779B97F4A7C15;
  AuthorTable table;
  const auto fill = [&table](Minute minute) {
    for (std::uint64_t i = 1; i <= AuthorTable::kOthersMax; ++i) table.Add(i << 32, 0, minute, 2);
  };
  const auto all = [](std::size_t) { return true; };
  fill(Minute{1'000});
  table.Add(kAuthor, 0, Minute{1'000}, 2);  // of which one is not kept
  table.Remove(kAuthor, 0, Minute{1'000});
  EXPECT_EQ(table.Count(Minute{1'000}, all), AuthorTable::kOthersMax + 1);
  table.Add(kAuthor, 0, Minute{1'000 + kWindowMinutesMax});
  table.Expire(Minute{1'001});
  EXPECT_EQ(table.size(), 1U);
  table.Remove(kAuthor, 0, Minute{1'000 + kWindowMinutesMax});
  EXPECT_EQ(table.size(), 0U);
}

TEST(AuthorTable, FindsItsWayInBrokenBytes) {
  const std::string bytes = Written([](StateWriter& out) {
    out.Put(Minute{5});
    // As many as a table of 16 has slots, all of one hash: a search in a full table would never end.
    out.PutAll(std::vector<std::uint64_t>(16, ~std::uint64_t{0}));
    out.Put(Minute{0});
    out.Put(std::uint64_t{0});
  });
  AuthorTable table;
  StateReader in(bytes);
  table.Load(in);
  table.Add(1, 0, Minute{6});
  EXPECT_EQ(table.size(), 17U);
}

}  // namespace
}  // namespace tagswell
