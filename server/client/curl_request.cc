#include "server/client/curl_request.h"

#include <fmt/format.h>

#include <optional>
#include <utility>

#include "server/client/retry_policy.h"
#include "server/clock.h"

namespace tagswell {
namespace {

constexpr long kConnectSeconds = 10;
constexpr long kRedirectsMax = 5;

std::optional<std::string_view> Header(CURL* curl, const char* name) {
  curl_header* header = nullptr;
  if (curl_easy_header(curl, name, 0, CURLH_HEADER, -1, &header) != CURLHE_OK) return std::nullopt;
  return header->value;
}

}  // namespace

CurlRequest::CurlRequest() : curl_(curl_easy_init()) {}

CurlRequest::~CurlRequest() {
  curl_slist_free_all(headers_);
  curl_easy_cleanup(curl_);
}

void CurlRequest::Prepare(const std::string& address, const std::vector<std::string>& headers,
                          const HttpClientOptions& options) {
  curl_easy_reset(curl_);
  address_ = address;
  *reason_ = '\0';
  curl_slist_free_all(std::exchange(headers_, nullptr));
  for (const std::string& header : headers) headers_ = curl_slist_append(headers_, header.c_str());
  curl_easy_setopt(curl_, CURLOPT_ERRORBUFFER, reason_);
  curl_easy_setopt(curl_, CURLOPT_URL, address_.c_str());
  curl_easy_setopt(curl_, CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(curl_, CURLOPT_HTTPHEADER, headers_);
  curl_easy_setopt(curl_, CURLOPT_CONNECTTIMEOUT, kConnectSeconds);
  curl_easy_setopt(curl_, CURLOPT_NOSIGNAL, 1L);
  if (!options.ca_file.empty()) curl_easy_setopt(curl_, CURLOPT_CAINFO, options.ca_file.c_str());
  if (!options.follow_redirects) return;
  // libcurl keeps our Authorization from other hosts. What began encrypted stays so.
  curl_easy_setopt(curl_, CURLOPT_FOLLOWLOCATION, 1L);
  curl_easy_setopt(curl_, CURLOPT_MAXREDIRS, kRedirectsMax);
  curl_easy_setopt(curl_, CURLOPT_REDIR_PROTOCOLS_STR, address_.starts_with("https:") ? "https" : "http,https");
}

long CurlRequest::status() const {
  long status = 0;
  curl_easy_getinfo(curl_, CURLINFO_RESPONSE_CODE, &status);
  return status;
}

HttpAnswer CurlRequest::Answer(std::string body) const {
  HttpAnswer answer{.status = status(), .retry_after = {}, .body = std::move(body)};
  if (const auto value = Header(curl_, "Retry-After")) {
    answer.retry_after = ParseRetryAfter(*value);
  } else if (const auto reset = Header(curl_, "X-RateLimit-Reset"); reset && answer.status == 429) {
    answer.retry_after = UntilReset(*reset, WallClock().Now());
  }
  return answer;
}

Error CurlRequest::Failure(CURLcode result) const {
  if (result == CURLE_ABORTED_BY_CALLBACK) return {"interrupted", "interrupted"};
  if (result == CURLE_URL_MALFORMAT || result == CURLE_UNSUPPORTED_PROTOCOL) {
    return {"bad_url", address_ + " is no http or https address"};
  }
  return {"unreachable", fmt::format("{}: {}", address_, *reason_ != '\0' ? reason_ : curl_easy_strerror(result))};
}

std::string AddressAt(const std::string& url, std::string_view target) {
  constexpr std::string_view kVersion = "/v1";
  if (url.find("/v1/streams/") != std::string::npos && target.starts_with("/v1/"))
    target.remove_prefix(kVersion.size());
  return url + std::string(target);
}

std::string WithoutTrailingSlash(std::string url) {
  while (url.ends_with('/')) url.pop_back();
  return url;
}

std::string AuthorizationHeader(std::string_view token) {
  return token.empty() ? "" : "Authorization: Bearer " + std::string(token);
}

}  // namespace tagswell
