#include "server/net/rate_limits.h"

#include <fmt/format.h>

#include "server/net/problem.h"

namespace tagswell {
namespace {

std::int64_t WholeSeconds(Rate::Time wait) {
  return std::max<std::int64_t>(1, std::chrono::ceil<std::chrono::seconds>(wait).count());
}

std::optional<LimitHit> Hit(LimitKind kind, Rate::Time wait) {
  return wait == Rate::Time(0) ? std::nullopt : std::optional(LimitHit{kind, wait});
}

}  // namespace

std::string_view Name(LimitKind kind) {
  constexpr std::string_view kNames[] = {"token_requests_per_second", "token_posts_per_second",
                                         "address_requests_per_second", "address_posts_per_second",
                                         "stream_posts_per_second"};
  return kNames[static_cast<std::size_t>(kind)];
}

Error LimitError(const LimitHit& hit) {
  return {"rate_limited",
          fmt::format("This is more than {} allows. Come again in {} s.", Name(hit.kind), WholeSeconds(hit.wait))};
}

Response LimitResponse(const LimitHit& hit) {
  Response response = Problem(429, LimitError(hit));
  response.body.insert(response.body.size() - 1, fmt::format(",\"limit\":\"{}\"", Name(hit.kind)));
  response.headers.emplace_back("Retry-After", std::to_string(WholeSeconds(hit.wait)));
  return response;
}

RateLimits::RateLimits(const RateLimitOptions& options, const std::vector<Token>& tokens) {
  for (const Token& token : tokens) {
    tokens_.emplace_back(
        RateOf(token.requests_per_second.value_or(options.token_requests_per_second), options.burst_seconds),
        RateOf(token.posts_per_second.value_or(options.token_posts_per_second), options.burst_seconds));
  }
  if (const auto rate = RateOf(options.address_requests_per_second, options.burst_seconds)) {
    address_requests_.emplace(*rate);
  }
  if (const auto rate = RateOf(options.address_posts_per_second, options.burst_seconds)) address_posts_.emplace(*rate);
}

std::optional<LimitHit> RateLimits::TakeRequest(const Payer& payer, Rate::Time now) {
  if (payer.token) return Hit(LimitKind::kTokenRequests, tokens_.at(*payer.token).requests.Take(now));
  if (!payer.site || !address_requests_) return std::nullopt;
  return Hit(LimitKind::kAddressRequests, address_requests_->Take(*payer.site, now));
}

std::optional<LimitHit> RateLimits::WaitForPosts(const Payer& payer, Rate::Time now) {
  if (payer.token) return Hit(LimitKind::kTokenPosts, tokens_.at(*payer.token).posts.Wait(now));
  if (!payer.site || !address_posts_) return std::nullopt;
  return Hit(LimitKind::kAddressPosts, address_posts_->Wait(*payer.site, now));
}

void RateLimits::OwePosts(const Payer& payer, Rate::Time now, std::uint64_t posts) {
  if (payer.token) return tokens_.at(*payer.token).posts.Owe(now, posts);
  if (payer.site && address_posts_) address_posts_->Owe(*payer.site, now, posts);
}

}  // namespace tagswell
