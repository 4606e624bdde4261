#include "server/pipeline/arrivals.h"

#include <gtest/gtest.h>

#include <chrono>
#include <memory>

namespace tagswell {
namespace {

constexpr Timestamp kNow{std::chrono::sys_seconds(std::chrono::seconds(1'700'000'000))};
using std::chrono::milliseconds;

TEST(Arrivals, CountABodyUntilItIsThere) {
  Arrivals arrivals;
  EXPECT_EQ(arrivals.At(kNow).bytes, 0U);
  auto first = arrivals.Expect(30'000, kNow);
  auto second = arrivals.Expect(60'000, kNow + milliseconds(10));
  EXPECT_EQ(arrivals.At(kNow + milliseconds(20)).bytes, 90'000U);
  EXPECT_EQ(arrivals.At(kNow + milliseconds(20)).posts, 300U);
  first.reset();
  EXPECT_EQ(arrivals.At(kNow + milliseconds(20)).bytes, 60'000U);
  second.reset();
  EXPECT_EQ(arrivals.At(kNow + milliseconds(20)).bytes, 0U);
  EXPECT_EQ(arrivals.At(kNow + milliseconds(20)).posts, 0U);
}

TEST(Arrivals, LetGoOfWhatTakesLong) {
  Arrivals arrivals;
  const auto slow = arrivals.Expect(1'000'000, kNow + milliseconds(900));
  EXPECT_EQ(arrivals.At(kNow + milliseconds(1'899)).bytes, 1'000'000U);
  EXPECT_EQ(arrivals.At(kNow + milliseconds(2'000)).bytes, 0U);
}

TEST(Arrivals, AreNotConfusedByOneThatEndsLate) {
  Arrivals arrivals;
  auto slow = arrivals.Expect(1'000'000, kNow);
  const auto other = arrivals.Expect(5'000, kNow + milliseconds(2'000));  // in the same slot
  slow.reset();
  EXPECT_EQ(arrivals.At(kNow + milliseconds(2'000)).bytes, 5'000U);
}

TEST(Arrivals, LearnHowLargeAPostIs) {
  Arrivals arrivals;
  for (int i = 0; i < 100; ++i) arrivals.Learn(50'000, 1'000);
  arrivals.Learn(0, 7);
  arrivals.Learn(7, 0);
  const auto body = arrivals.Expect(50'000, kNow);
  EXPECT_NEAR(static_cast<double>(arrivals.At(kNow).posts), 1'000, 20);
}

TEST(Arrivals, MayEndBeforeTheirBodies) {
  auto arrivals = std::make_unique<Arrivals>();
  auto body = arrivals->Expect(1'000, kNow);
  arrivals.reset();
  body.reset();
}

}  // namespace
}  // namespace tagswell
