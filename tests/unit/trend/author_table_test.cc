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
    table_.Add(author, place, Minute{minute});
    int& seen = naive_.try_emplace({author, place}, minute).first->second;
    seen = std::max(seen, minute);
  }

  void Remove() {
    if (naive_.empty()) return;
    auto at = naive_.begin();
    std::advance(at, static_cast<std::ptrdiff_t>(random_() % naive_.size()));
    const std::uint64_t author = at->first.first;
    table_.Remove(author);
    std::erase_if(naive_, [author](const auto& entry) { return entry.first.first == author; });
  }

  void Expire() {
    const int oldest = now_ + 1 - kWindowMinutesMax;
    table_.Expire(Minute{oldest});
    std::erase_if(naive_, [oldest](const auto& entry) { return entry.second < oldest; });
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
        for (const auto& [who, seen] : naive_) {
          if (seen >= static_cast<int>(from) && has(who.second)) expected.insert(who.first);
        }
        ASSERT_EQ(table_.Count(from, has), expected.size()) << "window " << window << " every " << step;
      }
    }
  }

 private:
  std::mt19937_64 random_;
  AuthorTable table_;
  std::map<std::pair<std::uint64_t, std::size_t>, int> naive_;
  int now_ = 900'000;
};

TEST(AuthorTable, EqualsAMap) {
  for (std::uint64_t seed = 1; seed <= 12; ++seed) {
    SCOPED_TRACE(seed);
    TableAndMap both(seed);
    const unsigned authors = seed % 3 == 0 ? 4'000 : 40;
    for (int step = 0; step < 4'000; ++step) {
      both.Step(authors, seed % 2 == 0 ? 1 : 5);
      if (step % 61 == 0) both.Remove();
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

TEST(AuthorTable, FindsItsWayInBrokenBytes) {
  const std::string bytes = Written([](StateWriter& out) {
    out.Put(Minute{5});
    // As many as a table of 16 has slots, all of one hash: a search in a full table would never end.
    out.PutAll(std::vector<std::uint64_t>(16, ~std::uint64_t{0}));
  });
  AuthorTable table;
  StateReader in(bytes);
  table.Load(in);
  table.Add(1, 0, Minute{6});
  EXPECT_EQ(table.size(), 17U);
}

}  // namespace
}  // namespace tagswell
