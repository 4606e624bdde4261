// How much each token and each address may ask of the server in a second. What comes with a good token is counted for
// the token alone, everything else (no token, a wrong one) for its address: so nobody's token is used up by guesses,
// and those behind one address do not share a limit once they say who they are.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <string_view>
#include <vector>

#include "proto/error.h"
#include "server/net/access.h"
#include "server/net/address_buckets.h"
#include "server/net/http.h"
#include "server/net/payer.h"
#include "server/net/rate_bucket.h"

namespace tagswell {

enum class LimitKind : unsigned char {
  kTokenRequests = 0,
  kTokenPosts,
  kAddressRequests,
  kAddressPosts,
  kStreamPosts,  // of one stream, whoever sends them; its own to keep
};
inline constexpr std::size_t kLimitKinds = 5;

std::string_view Name(LimitKind kind);  // "token_requests_per_second": the key of the configuration

inline constexpr std::uint32_t kRateMax = 1'000'000;

// 0: no limit, else up to kRateMax a second.
struct RateLimitOptions {
  std::uint32_t token_requests_per_second = 0;  // a token may have figures of its own
  std::uint32_t token_posts_per_second = 0;
  std::uint32_t address_requests_per_second = 0;
  std::uint32_t address_posts_per_second = 0;
  std::uint32_t burst_seconds = 10;  // so many seconds' worth may come at once
};

// What is not let in, and when it may come again.
struct LimitHit {
  LimitKind kind = LimitKind::kTokenRequests;
  Rate::Time wait = {};
};

// 429 rate_limited with Retry-After, the limit's name in `limit`.
Response LimitResponse(const LimitHit& hit);
Error LimitError(const LimitHit& hit);  // the same for those who are told otherwise

// Thread-safe. A call takes well under a microsecond; memory is fixed (AddressBuckets), whoever comes. `now` is of one
// clock that never goes back.
class RateLimits {
 public:
  RateLimits(const RateLimitOptions& options, const std::vector<Token>& tokens);

  // One request more: nothing, or what it came up against.
  std::optional<LimitHit> TakeRequest(const Payer& payer, Rate::Time now);

  // Posts are counted once they are read: who asks for more than there is may go on until then, and waits after it.
  std::optional<LimitHit> WaitForPosts(const Payer& payer, Rate::Time now);
  void OwePosts(const Payer& payer, Rate::Time now, std::uint64_t posts);

 private:
  struct TokenBuckets {
    TokenBuckets(std::optional<Rate> of_requests, std::optional<Rate> of_posts)
        : requests(of_requests), posts(of_posts) {}
    RateBucket requests;
    RateBucket posts;
  };

  std::deque<TokenBuckets> tokens_;  // in the order of the configuration
  std::optional<AddressBuckets> address_requests_;
  std::optional<AddressBuckets> address_posts_;
};

}  // namespace tagswell
