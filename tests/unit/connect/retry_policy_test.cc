#include "server/client/retry_policy.h"

#include <gtest/gtest.h>

namespace tagswell {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr auto kUnreachable = RetryPolicy::Failure::kUnreachable;
constexpr auto kBusy = RetryPolicy::Failure::kBusy;

TEST(RetryPolicy, WaitsTwiceAsLongEachTimeUpToALimit) {
  RetryPolicy retry({.first = milliseconds(100), .longest = milliseconds(500), .give_up = seconds(10)});
  EXPECT_EQ(retry.AfterFailure(kUnreachable, milliseconds(0)), milliseconds(100));
  EXPECT_EQ(retry.AfterFailure(kUnreachable, milliseconds(0)), milliseconds(200));
  EXPECT_EQ(retry.AfterFailure(kUnreachable, milliseconds(0)), milliseconds(400));
  EXPECT_EQ(retry.AfterFailure(kUnreachable, milliseconds(0)), milliseconds(500));
  for (int i = 0; i < 100; ++i) retry.AfterFailure(kUnreachable, milliseconds(0));
  EXPECT_EQ(retry.AfterFailure(kUnreachable, milliseconds(0)), milliseconds(500));
  retry.AfterSuccess();
  EXPECT_EQ(retry.AfterFailure(kUnreachable, milliseconds(0)), milliseconds(100));
}

TEST(RetryPolicy, GivesUpAServerThatIsNotThereButNotABusyOne) {
  RetryPolicy retry;
  EXPECT_TRUE(retry.AfterFailure(kUnreachable, seconds(9)));
  EXPECT_FALSE(retry.AfterFailure(kUnreachable, seconds(10)));
  EXPECT_TRUE(retry.AfterFailure(kBusy, seconds(1'000)));
}

TEST(RetryPolicy, WaitsAsLongAsTheServerAsksWithinReason) {
  RetryPolicy retry;
  EXPECT_EQ(retry.AfterFailure(kBusy, seconds(0), seconds(3)), seconds(3));
  EXPECT_EQ(retry.AfterFailure(kBusy, seconds(0), seconds(0)), milliseconds(100));
  EXPECT_EQ(retry.AfterFailure(kBusy, seconds(0), seconds(86'400)), seconds(60));
}

TEST(RetryPolicy, SpreadsItsTriesOverTheWaitButNeverComesBeforeTheServerAsked) {
  double drawn = 0.5;
  RetryPolicy retry({.first = milliseconds(100), .longest = milliseconds(400)}, [&] { return drawn; });
  EXPECT_EQ(retry.AfterFailure(kUnreachable, milliseconds(0)), milliseconds(50));
  EXPECT_EQ(retry.AfterFailure(kUnreachable, milliseconds(0)), milliseconds(100));
  drawn = 0;
  EXPECT_EQ(retry.AfterFailure(kUnreachable, milliseconds(0)), milliseconds(0));
  EXPECT_EQ(retry.AfterFailure(kBusy, milliseconds(0), seconds(3)), seconds(3));
  drawn = 0.25;
  EXPECT_EQ(retry.AfterFailure(kBusy, milliseconds(0), seconds(3)), milliseconds(3100));
}

TEST(RetryPolicy, ReadsWhenARateLimitIsReset) {
  const Timestamp now = *ParseTimestamp("2026-11-22T07:00:00Z");
  EXPECT_EQ(UntilReset("2026-11-22T07:05:00.000000Z", now), seconds(300));
  EXPECT_EQ(UntilReset("2026-11-22T06:59:00Z", now), seconds(0));
  EXPECT_EQ(UntilReset("1669100400", now), std::nullopt);
}

TEST(RetryPolicy, ReadsRetryAfterInSecondsOnly) {
  EXPECT_EQ(ParseRetryAfter("7"), seconds(7));
  EXPECT_EQ(ParseRetryAfter(""), std::nullopt);
  EXPECT_EQ(ParseRetryAfter("-1"), std::nullopt);
  EXPECT_EQ(ParseRetryAfter("Wed, 21 Oct 2015 07:28:00 GMT"), std::nullopt);
}

}  // namespace
}  // namespace tagswell
