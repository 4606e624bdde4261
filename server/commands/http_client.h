// Requests to a running tagswell, by libcurl, over one connection that is kept. Not thread-safe.
#pragma once

#include <chrono>
#include <expected>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "proto/error.h"
#include "server/commands/interruption.h"

namespace tagswell {

struct HttpAnswer {
  long status = 0;
  std::optional<std::chrono::seconds> retry_after;
  std::string body;
};

class HttpClient {
 public:
  // `url` is the server's address, http unless it says https. `token` may be empty. `interruption` outlives the client
  // and ends requests that are under way.
  HttpClient(std::string url, const std::string& token, const Interruption& interruption);
  ~HttpClient();
  HttpClient(const HttpClient&) = delete;
  HttpClient& operator=(const HttpClient&) = delete;

  // `target` is path and query. An answer of any status is a value. Errors: unreachable (refused, reset, timed out; the
  // detail says which), bad_url, interrupted.
  std::expected<HttpAnswer, Error> Get(const std::string& target);
  std::expected<HttpAnswer, Error> Post(const std::string& target, const std::string& content_type,
                                        std::string_view body);

  // A GET whose successful body comes piece by piece until `on_bytes` says false or the server ends it; a body of
  // another status is in the answer. A server that is silent for a minute is unreachable.
  std::expected<HttpAnswer, Error> Stream(const std::string& target, const std::vector<std::string>& headers,
                                          const std::function<bool(std::string_view)>& on_bytes);

  const std::string& url() const { return url_; }

 private:
  struct Transfer;
  std::expected<HttpAnswer, Error> Perform(const std::string& target, std::vector<std::string> headers,
                                           Transfer& transfer);

  std::string url_;
  std::string authorization_;
  const Interruption& interruption_;
  struct Handle;
  std::unique_ptr<Handle> handle_;
};

// `text` as the value of a query parameter.
std::string UrlEncoded(std::string_view text);

// What a server's refusal says: the detail of its problem+json, or its status.
std::string RefusalText(const HttpAnswer& answer);

// The bearer token: the first line of `token_file`, or of the environment's TAGSWELL_TOKEN when that is empty; "" when
// there is neither. Never a flag: other users see those. Error: unreadable_token.
std::expected<std::string, Error> ReadToken(const std::string& token_file);

}  // namespace tagswell
