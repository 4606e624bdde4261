// The buckets against a naive oracle that fills them step by step, and what the limits make of them.
#include "server/net/rate_limits.h"

#include <gtest/gtest.h>

#include <cmath>
#include <map>
#include <random>

#include "server/net/problem.h"

namespace tagswell {
namespace {

using std::chrono::milliseconds;
using std::chrono::nanoseconds;
using std::chrono::seconds;

// A bucket as it is told to a child: tokens drip in, up to the brim. Exact: counts in billionths of a token.
class NaiveBucket {
 public:
  NaiveBucket(std::int64_t per_second, std::int64_t burst_seconds)
      : per_second_(per_second), brim_(per_second * burst_seconds * kToken), level_(brim_) {}

  bool Take(nanoseconds now) {
    Fill(now);
    if (level_ < kToken) return false;
    level_ -= kToken;
    return true;
  }
  void Owe(nanoseconds now, std::int64_t count) {
    Fill(now);
    level_ -= count * kToken;
  }
  // Rounded up.
  nanoseconds Wait(nanoseconds now) {
    Fill(now);
    const std::int64_t missing = kToken - level_;
    return nanoseconds(missing <= 0 ? 0 : (missing + per_second_ - 1) / per_second_);
  }

 private:
  static constexpr std::int64_t kToken = 1'000'000'000;
  void Fill(nanoseconds now) {
    level_ = std::min(brim_, level_ + (now - at_).count() * per_second_);
    at_ = now;
  }
  std::int64_t per_second_;
  std::int64_t brim_;
  std::int64_t level_;
  nanoseconds at_{0};
};

// Rates whose interval is a whole number of nanoseconds: there both are exact.
constexpr std::uint32_t kRates[] = {1, 2, 5, 10, 100, 1'000, 1'000'000};

TEST(Rate, LetsInWhatTheNaiveBucketLetsIn) {
  for (unsigned seed = 1; seed <= 200; ++seed) {
    std::mt19937_64 random(seed);
    const std::uint32_t per_second = kRates[random() % std::size(kRates)];
    const auto burst = static_cast<std::uint32_t>(1 + random() % 20);
    const Rate rate(per_second, burst);
    NaiveBucket naive(per_second, burst);
    const std::int64_t interval = 1'000'000'000 / per_second;
    nanoseconds now(static_cast<std::int64_t>(random() % 1'000'000'000));
    nanoseconds full_at(0);
    for (int step = 0; step < 2'000; ++step) {
      if (random() % 4 == 0)
        now += nanoseconds(static_cast<std::int64_t>(random() % static_cast<std::uint64_t>(2 * interval)));
      if (random() % 500 == 0) now += seconds(random() % 100);
      ASSERT_EQ(rate.Wait(full_at, now), naive.Wait(now)) << "seed " << seed << " step " << step;
      if (random() % 50 == 0) {
        const std::uint64_t count = random() % 300;
        full_at = rate.Taken(full_at, now, count);
        naive.Owe(now, static_cast<std::int64_t>(count));
        continue;
      }
      const bool taken = rate.Wait(full_at, now) == nanoseconds(0);
      if (taken) full_at = rate.Taken(full_at, now, 1);
      ASSERT_EQ(taken, naive.Take(now)) << "seed " << seed << " step " << step;
    }
  }
}

TEST(Rate, IsKeptInTheLongRunWhateverItIs) {
  for (const std::uint32_t per_second : {3u, 7u, 999u, 123'457u, 999'999u}) {
    const Rate rate(per_second, 1);
    nanoseconds full_at(0);
    std::uint64_t taken = 0;
    for (nanoseconds now(0); now < seconds(1); now += nanoseconds(250'000'000 / per_second)) {
      if (rate.Wait(full_at, now) > nanoseconds(0)) continue;
      full_at = rate.Taken(full_at, now, 1);
      ++taken;
    }
    EXPECT_NEAR(static_cast<double>(taken), 2.0 * per_second, 0.002 * 2 * per_second + 2) << per_second;
  }
}

TEST(AddressBuckets, AreExactWhileFewAsk) {
  AddressBuckets buckets(Rate(10, 3));
  std::map<std::uint64_t, NaiveBucket> naive;
  std::mt19937_64 random(7);
  nanoseconds now(0);
  for (int step = 0; step < 50'000; ++step) {
    now += nanoseconds(static_cast<std::int64_t>(random() % 20'000'000));
    const std::uint64_t site = random() % 10;
    NaiveBucket& expected = naive.try_emplace(site, 10, 3).first->second;
    ASSERT_EQ(buckets.Take(site, now) == nanoseconds(0), expected.Take(now)) << step;
  }
}

TEST(AddressBuckets, NeverGiveMoreThanTheRateAndSeldomLess) {
  AddressBuckets buckets(Rate(10, 1));
  std::mt19937_64 random(11);
  constexpr std::uint64_t kGreedy = 2'000;  // ask for everything
  std::map<std::uint64_t, NaiveBucket> naive;
  std::uint64_t refused = 0;
  std::uint64_t modest = 0;
  nanoseconds now(0);
  for (int round = 0; round < 20; ++round) {
    now += milliseconds(100);
    for (std::uint64_t site = 0; site < kGreedy; ++site) {
      NaiveBucket& expected = naive.try_emplace(site, 10, 1).first->second;
      for (int i = 0; i < 15; ++i) {
        const bool taken = buckets.Take(site, now) == nanoseconds(0);
        ASSERT_TRUE(!taken || expected.Take(now)) << site;
      }
    }
    for (int i = 0; i < 5'000; ++i, ++modest) {
      if (buckets.Take(kGreedy + random(), now) > nanoseconds(0)) ++refused;
    }
  }
  EXPECT_LT(static_cast<double>(refused), 0.005 * static_cast<double>(modest));
}

std::vector<Token> TwoTokens() {
  RoleSet roles;
  roles.Add(Role::kIngest);
  Token own{"own", Sha256Hex("b"), roles};
  own.requests_per_second = 3;
  own.posts_per_second = 0;
  return {{"plain", Sha256Hex("a"), roles}, own};
}

std::uint64_t TakeAll(RateLimits& limits, const Payer& payer, nanoseconds now) {
  std::uint64_t taken = 0;
  while (taken < 10'000 && !limits.TakeRequest(payer, now)) ++taken;
  return taken;
}

TEST(RateLimits, CountATokenByItselfAndTheRestByAddress) {
  RateLimits limits({.token_requests_per_second = 5, .address_requests_per_second = 2, .burst_seconds = 10},
                    TwoTokens());
  const Payer plain{.token = 0, .site = 77};
  const Payer own{.token = 1, .site = 77};
  const Payer nobody{.token = {}, .site = 77};
  EXPECT_EQ(TakeAll(limits, plain, seconds(1)), 50u);
  EXPECT_EQ(TakeAll(limits, own, seconds(1)), 30u);
  EXPECT_EQ(TakeAll(limits, nobody, seconds(1)), 20u);
  EXPECT_EQ(TakeAll(limits, {.token = {}, .site = 78}, seconds(1)), 20u);
  EXPECT_EQ(limits.TakeRequest(plain, seconds(1))->kind, LimitKind::kTokenRequests);
  EXPECT_EQ(limits.TakeRequest(nobody, seconds(1))->kind, LimitKind::kAddressRequests);
  EXPECT_EQ(TakeAll(limits, plain, seconds(2)), 5u);
  EXPECT_EQ(TakeAll(limits, {.token = {}, .site = {}}, seconds(1)), 10'000u);  // this machine
}

TEST(RateLimits, MakeWhoSentTooManyPostsWaitForAllOfThem) {
  RateLimits limits({.token_posts_per_second = 100, .address_posts_per_second = 10, .burst_seconds = 1}, TwoTokens());
  const Payer plain{.token = 0, .site = 77};
  EXPECT_FALSE(limits.WaitForPosts(plain, seconds(1)));
  limits.OwePosts(plain, seconds(1), 1'100);
  const auto hit = limits.WaitForPosts(plain, seconds(1));
  ASSERT_TRUE(hit);
  EXPECT_EQ(hit->kind, LimitKind::kTokenPosts);
  EXPECT_EQ(hit->wait, seconds(10) + milliseconds(10));
  EXPECT_TRUE(limits.WaitForPosts(plain, seconds(11)));
  EXPECT_FALSE(limits.WaitForPosts(plain, seconds(11) + milliseconds(10)));
  const Payer own{.token = 1, .site = 77};
  limits.OwePosts(own, seconds(1), 1'000'000);
  EXPECT_FALSE(limits.WaitForPosts(own, seconds(1)));
  const Payer nobody{.token = {}, .site = 77};
  limits.OwePosts(nobody, seconds(1), 11);
  EXPECT_EQ(limits.WaitForPosts(nobody, seconds(1))->kind, LimitKind::kAddressPosts);
}

TEST(RateLimits, LimitNobodyWhereNothingIsSaid) {
  RateLimits limits({}, TwoTokens());
  EXPECT_EQ(TakeAll(limits, {.token = 0, .site = 1}, seconds(0)), 10'000u);
  EXPECT_EQ(TakeAll(limits, {.token = {}, .site = 1}, seconds(0)), 10'000u);
}

TEST(RateLimits, SayWhichAndWhenToComeAgain) {
  const Response response = LimitResponse({LimitKind::kAddressPosts, milliseconds(2'001)});
  EXPECT_EQ(response.status, 429);
  EXPECT_EQ(response.headers, (std::vector<NameValue>{{"Retry-After", "3"}}));
  EXPECT_EQ(response.body, R"({"type":"about:blank","title":"Too Many Requests","status":429,"code":"rate_limited",)"
                           R"("detail":"This is more than address_posts_per_second allows. Come again in 3 s.",)"
                           R"("limit":"address_posts_per_second"})");
}

}  // namespace
}  // namespace tagswell
