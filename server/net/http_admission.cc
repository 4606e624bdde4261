// Who may ask at all: whose pages, under which name, and how often.
#include <algorithm>

#include "server/clock.h"
#include "server/net/http_protocol.h"
#include "server/net/problem.h"

namespace tagswell {
namespace {

bool EqualsIgnoringCase(std::string_view a, std::string_view b) {
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; };
  return std::ranges::equal(a, b, {}, lower, lower);
}

// One hop of X-Forwarded-For: "192.0.2.7", "2001:db8::1", or either with a port, "[2001:db8::1]:4711".
std::optional<IpAddress> ParseHop(std::string_view hop) {
  while (hop.starts_with(' ') || hop.starts_with('\t')) hop.remove_prefix(1);
  while (hop.ends_with(' ') || hop.ends_with('\t')) hop.remove_suffix(1);
  if (hop.starts_with('[')) return IpAddress::Parse(hop.substr(1, hop.find(']') - 1));
  if (std::ranges::count(hop, ':') == 1) hop = hop.substr(0, hop.find(':'));
  return IpAddress::Parse(hop);
}

}  // namespace

bool HttpProtocol::OriginAllowed() const {
  const std::string_view origin = request_.Header("origin");
  if (origin.empty()) return true;
  const std::size_t scheme = origin.find("://");
  if (scheme != std::string_view::npos && EqualsIgnoringCase(origin.substr(scheme + 3), reader_.head().host))
    return true;
  return !page_origin_.empty();
}

// Fetch, "CORS protocol": what a page of another origin may see of the answer.
void HttpProtocol::LetPageRead(Response& response) const {
  if (page_origin_.empty()) return;
  response.headers.emplace_back("Access-Control-Allow-Origin", page_origin_);
  response.headers.emplace_back("Access-Control-Expose-Headers", "Retry-After");
  response.headers.emplace_back("Vary", "Origin");
}

// Each proxy puts whom it heard behind what it was told: read from the end, the first that is no proxy of ours is the
// client, and what stands before it is hearsay.
IpAddress HttpProtocol::ClientAddress() const {
  const NetworkSet& proxies = shared_.options.trusted_proxies;
  IpAddress client = connection_.peer().address;
  std::string_view hops = request_.Header("x-forwarded-for");
  while (!hops.empty() && proxies.Holds(client)) {
    const std::size_t comma = hops.rfind(',');
    const auto hop = ParseHop(comma == std::string_view::npos ? hops : hops.substr(comma + 1));
    if (!hop) return client;
    client = *hop;
    hops = hops.substr(0, comma == std::string_view::npos ? 0 : comma);
  }
  return client;
}

std::expected<void, Response> HttpProtocol::MayAsk() const {
  if (shared_.options.hosts && !shared_.options.hosts->Allows(request_.host)) {
    return std::unexpected(Problem(421, "host_not_allowed",
                                   "Without tokens this server answers under the names of its own machine, and those "
                                   "that allowed_hosts names.",
                                   "Host"));
  }
  RateLimits* const limits = shared_.options.rate_limits;
  if (limits == nullptr || (match_.route && match_.route->probe)) return {};
  const auto hit = limits->TakeRequest(request_.payer, SteadyNow());
  if (!hit) return {};
  if (shared_.observer) shared_.observer->OnLimited(hit->kind);
  return std::unexpected(LimitResponse(*hit));
}

}  // namespace tagswell
