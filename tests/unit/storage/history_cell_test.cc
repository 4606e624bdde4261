#include "storage/history_cell.h"

#include <gtest/gtest.h>

#include <cmath>
#include <map>
#include <random>

#include "storage/author_tally.h"

namespace tagswell {
namespace {

std::string Stored(const std::vector<CellRow>& rows) {
  HistoryCell cell;
  for (const CellRow& row : rows) cell.Add(row);
  std::string bytes;
  cell.Encode(bytes);
  return bytes;
}

std::string Sum(const std::string& a, const std::string& b) {
  HistoryCell cell;
  EXPECT_TRUE(cell.AddStored(a) && cell.AddStored(b));
  std::string bytes;
  cell.Encode(bytes);
  return bytes;
}

TEST(HistoryCell, SumsToTheSameBytesInAnyGrouping) {
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    std::mt19937_64 random(seed);
    std::vector<CellRow> all;
    std::vector<std::string> parts(4);
    for (std::string& part : parts) {
      std::vector<CellRow> rows;
      const std::size_t count = random() % 60;
      for (std::size_t i = 0; i < count; ++i) {
        rows.push_back({CellKey::Of(static_cast<std::uint32_t>(random() % 3), static_cast<std::uint32_t>(random() % 3),
                                    random() % 20),
                        random() % 4 == 0 ? -1 : 1});
      }
      all.insert(all.end(), rows.begin(), rows.end());
      part = Stored(rows);
    }
    const std::string at_once = Stored(all);
    EXPECT_EQ(Sum(Sum(Sum(parts[0], parts[1]), parts[2]), parts[3]), at_once) << "seed " << seed;
    EXPECT_EQ(Sum(Sum(parts[0], parts[1]), Sum(parts[2], parts[3])), at_once) << "seed " << seed;
  }
}

TEST(HistoryCell, VanishesWhenAllIsRetracted) {
  const CellKey key = CellKey::Of(5, 1, 99);
  EXPECT_EQ(Sum(Stored({{key, 2}}), Stored({{key, -2}})), "");
}

TEST(HistoryCell, KeepsPostsExactAndEstimatesAuthorsOfACrowdedMinute) {
  std::mt19937_64 random(11);
  constexpr std::size_t kAuthors = 20'000;
  std::string sum;
  for (std::size_t part = 0; part < 20; ++part) {
    std::vector<CellRow> rows;
    for (std::size_t i = 0; i < kAuthors / 20; ++i) rows.push_back({CellKey::Of(7, i % 2, AuthorCode(random())), 3});
    sum = Sum(sum, Stored(rows));
  }
  EXPECT_LT(sum.size(), 70'000U);  // two combos of at most 16,384 registers
  HistoryCell cell;
  ASSERT_TRUE(cell.AddStored(sum));
  cell.Normalize();
  AuthorTally world;
  world.Add(cell, 0, 60, {true, true});
  EXPECT_EQ(world.posts(), 3 * kAuthors);
  EXPECT_FALSE(world.exact());
  EXPECT_NEAR(static_cast<double>(world.authors()), kAuthors, 0.03 * kAuthors);
  AuthorTally half;
  half.Add(cell, 0, 60, {true, false});
  EXPECT_EQ(half.posts(), 3 * kAuthors / 2);
  EXPECT_NEAR(static_cast<double>(half.authors()), kAuthors / 2.0, 0.03 * kAuthors / 2);
}

TEST(HistoryCell, StaysExactUpTo128AuthorsAMinute) {
  std::vector<CellRow> rows;
  for (std::uint64_t author = 0; author < kExactAuthorsMax; ++author) rows.push_back({CellKey::Of(1, 0, author), 1});
  HistoryCell cell;
  ASSERT_TRUE(cell.AddStored(Stored(rows)));
  cell.Normalize();
  EXPECT_TRUE(cell.registers().empty());
  cell.Add({CellKey::Of(1, 0, kExactAuthorsMax), 1});
  cell.Normalize();
  EXPECT_FALSE(cell.registers().empty());
  EXPECT_TRUE(cell.exact().empty());
}

TEST(HistoryCell, RefusesDamagedBytes) {
  const std::string bytes = Stored({{CellKey::Of(1, 2, 3), 1}, {CellKey::Of(59, 2, 3), 1}});
  for (std::size_t size = 1; size < bytes.size(); ++size) {
    HistoryCell cell;
    const bool whole_minute = cell.AddStored(bytes.substr(0, size));
    EXPECT_TRUE(!whole_minute || size == bytes.size() / 2) << size;
  }
  HistoryCell cell;
  EXPECT_FALSE(cell.AddStored("\x3c\x01"));  // minute 60
}

}  // namespace
}  // namespace tagswell
